"""The result as people read it."""

HEAD = ["", "jobs/s", "of bare", "Fenliu is", "p50 ms", "p99 ms", "Fenliu's p50", "worker µs", "Redis µs"]
# What Fenliu should be ahead by: of the best of them, and of each other one.
AHEAD_OF_BEST = 5
AHEAD_OF_OTHERS = 10


def rows(bare, fenliu, peers):
    """Cells, the fastest peer first."""
    yield [bare.name, f"{bare.jobs_per_second:.0f}", "1.00", "", "", "", "", "", f"{bare.redis_cpu_us_per_job:.1f}"]
    for figure in [fenliu, *sorted(peers, key=lambda peer: -peer.jobs_per_second)]:
        own = figure is fenliu
        latency = figure.latency_ms
        yield [
            figure.name,
            f"{figure.jobs_per_second:.0f}",
            f"{figure.jobs_per_second / bare.jobs_per_second:.3f}",
            "" if own else f"× {fenliu.jobs_per_second / figure.jobs_per_second:.1f}",
            f"{latency['p50']:.2f}",
            f"{latency['p99']:.2f}",
            "" if own else f"÷ {latency['p50'] / fenliu.latency_ms['p50']:.1f}",
            f"{figure.worker_cpu_us_per_job:.1f}",
            f"{figure.redis_cpu_us_per_job:.1f}",
        ]


def aligned(lines):
    lines = list(lines)
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for line in lines:
        first, *others = (cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in enumerate(zip(line, widths)))
        yield "  ".join([first, *others]).rstrip()


def text(bare, fenliu, peers, settings, head):
    """The whole of it."""
    out = [head, "", *aligned([HEAD, *rows(bare, fenliu, peers)]), ""]
    out += verdict(fenliu, peers)
    out += ["", "Settings:"]
    out += [f"  {name}: {setting}" for name, setting in settings]
    overtaken = [f"{peer.name} {peer.closed_before_opened}" for peer in peers if peer.closed_before_opened]
    if overtaken:
        out.append(f"  closes that were done before their opens, since no order is kept: {', '.join(overtaken)}")
    return "\n".join(out)


def verdict(fenliu, peers):
    """How far ahead Fenliu is of the best of them, and of the best of the others."""
    ordered = sorted(peers, key=lambda peer: -peer.jobs_per_second)
    for peer, wanted, what in zip(ordered, (AHEAD_OF_BEST, AHEAD_OF_OTHERS), ("best", "next")):
        ratio = fenliu.jobs_per_second / peer.jobs_per_second
        yield f"The {what} of them is {peer.name}: Fenliu does {ratio:.1f} times as much ({wanted} asked)."
