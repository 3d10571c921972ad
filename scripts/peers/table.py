"""The result as people read it."""

HEAD = ["", "jobs/s", "of bare", "Fenliu is", "p50 ms", "p99 ms", "Fenliu's p50"]
HEAD += ["worker µs", "Redis µs", "by CPU"]
CORES = 2
# What Fenliu should be ahead by: of the best of them, and of each other one.
AHEAD_OF_BEST = 5
AHEAD_OF_OTHERS = 10


def rows(bare, fenliu, peers):
    """Cells, the fastest peer first."""
    speed = bare.jobs_per_second
    yield [bare.name, f"{speed:.0f}", "1.000", *[""] * 5, f"{bare.redis_cpu_us_per_job:.1f}", by_cpu(bare)]
    for figure in [fenliu, *fastest_first(peers)]:
        own = figure is fenliu
        latency = figure.latency_ms
        yield [
            figure.name,
            f"{figure.jobs_per_second:.0f}",
            f"{figure.jobs_per_second / speed:.3f}",
            "" if own else f"× {fenliu.jobs_per_second / figure.jobs_per_second:.1f}",
            f"{latency['p50']:.2f}",
            f"{latency['p99']:.2f}",
            "" if own else f"× {latency['p50'] / fenliu.latency_ms['p50']:.1f}",
            f"{figure.worker_cpu_us_per_job:.1f}",
            f"{figure.redis_cpu_us_per_job:.1f}",
            by_cpu(figure),
        ]


def by_cpu(figure):
    """How many jobs a second its CPU times allow on two cores, of which Redis can use one."""
    redis, both = figure.redis_cpu_us_per_job, figure.redis_cpu_us_per_job + figure.worker_cpu_us_per_job
    return f"{min(1e6 / redis, CORES * 1e6 / both):.0f}"


def fastest_first(figures):
    return sorted(figures, key=lambda figure: -figure.jobs_per_second)


def aligned(lines):
    """Names to the left, figures to the right."""
    lines = list(lines)
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [line[column].rjust(widths[column]) for column in range(1, len(HEAD))]
        yield "  ".join(cells).rstrip()


def text(bare, fenliu, peers, settings, head):
    """The whole of it."""
    out = [head, "", *aligned([HEAD, *rows(bare, fenliu, peers)]), "", *verdict(fenliu, peers)]
    out += ["", "Settings:", *(f"  {name}: {setting}" for name, setting in settings)]
    for peer in peers:
        if peer.closed_before_opened:
            out.append(
                f"  {peer.name} did {peer.closed_before_opened} closes before their opens: it keeps no order."
            )
    return "\n".join(out)


def verdict(fenliu, peers):
    """How far ahead Fenliu is of the best of them, and of the best of the others."""
    ordered = fastest_first(peers)
    others = [figure for figure in ordered if figure.peer != ordered[0].peer]
    for what, found, aim in (("best", ordered, AHEAD_OF_BEST), ("next", others, AHEAD_OF_OTHERS)):
        if found:
            ratio = fenliu.jobs_per_second / found[0].jobs_per_second
            yield f"The {what} is {found[0].name}: Fenliu does {ratio:.1f} times as much; the aim is {aim}."
