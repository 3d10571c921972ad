"""The run: the bare scripts and Fenliu, each peer, and both again; a table, or one JSON object.

Called by `scripts/compare`, which has installed what this takes.
"""

import argparse
import dataclasses
import json
import pathlib
import signal
import subprocess
import sys

import table
import yardsticks
from catalogue import PEERS
from measure import measure

FENLIU = "Fenliu"


def say(text):
    print(text, file=sys.stderr, flush=True)


def versions(peer):
    """What was measured."""
    if peer.name == "sidekiq":
        words = ["dpkg-query", "-W", "-f", "${Package}==${Version}\n", "ruby", "ruby-sidekiq", "ruby-redis"]
        text = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    else:
        pinned = pathlib.Path(__file__).with_name("requirements") / f"{peer.name}.txt"
        text = pinned.read_text(encoding="utf-8")
    return ", ".join(line.replace("==", " ") for line in text.split())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fenliu", required=True, help="the program")
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument(
        "--environments", type=pathlib.Path, required=True, help="where each peer is installed"
    )
    parser.add_argument("--peers", required=True, help="names, with commas")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    chosen = [peer for peer in PEERS if peer.name in options.peers.split(",")]
    bares, fenlius, figures, failed = [], [], [], []

    def hold():
        say("the bare scripts, pipelined")
        bares.append(yardsticks.bare(options.jobs))
        say("Fenliu: its benchmark, with conversations of an open and a close")
        fenlius.append(yardsticks.fenliu(options.fenliu, options.jobs))

    hold()
    for peer in chosen:
        try:
            figure = measure(peer, options.jobs, options.environments / peer.name, say)
        except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            say(f"\n*** {peer.title} is LEFT OUT: {error}\n")
            failed.append(peer.name)
            continue
        if figure.faults:
            say(f"\n*** {peer.title} DID NOT DO THE WORK: {'; '.join(figure.faults)}\n")
            failed.append(peer.name)
        else:
            figures.append(figure)
    hold()

    # In doubt against us: the machine's better moment for the bare scripts, the worse one for Fenliu.
    bare = max(bares, key=lambda figure: figure.jobs_per_second)
    fenliu, result = min(fenlius, key=lambda pair: pair[0].jobs_per_second)
    for figure in bares:
        if figure.faults:
            raise RuntimeError(f"the bare scripts did not do the work: {figure.faults}")
    settings = [(peer.title, f"{versions(peer)}; {peer.setting}") for peer in chosen]
    if options.json:
        print(json.dumps(as_json(options, bare, fenliu, result, figures, settings, failed), indent=1))
    else:
        machine = result["machine"]
        head = (
            f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, Redis {machine['redis']}\n"
            f"{options.jobs} jobs each, over a Unix socket; half opens, half closes; "
            f"{yardsticks.load.AGENTS} agents of {yardsticks.job.CAPACITY} slots"
        )
        print(table.text(bare, fenliu, figures, settings, head))
    return 1 if failed else 0


def as_json(options, bare, fenliu, result, figures, settings, failed):
    """The same as one object, each ratio as in the table."""

    def whole(figure):
        ratios = {
            "share_of_bare": figure.jobs_per_second / bare.jobs_per_second,
            "fenliu_times": fenliu.jobs_per_second / figure.jobs_per_second,
            "latency_p50_in_fenlius": figure.latency_ms["p50"] / fenliu.latency_ms["p50"],
        }
        return {**dataclasses.asdict(figure), **ratios}

    return {
        "machine": result["machine"],
        "jobs": options.jobs,
        "bare": dataclasses.asdict(bare),
        "fenliu": whole(fenliu),
        "peers": [whole(figure) for figure in figures],
        "settings": dict(settings),
        "failed": failed,
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        say(f"\nscripts/compare: {error}")
        sys.exit(1)
