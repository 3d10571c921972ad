"""What the peers are held against: the bare scripts, and Fenliu."""

import json
import subprocess

import job
import load
from measure import Figure, Stretch, warm_up
from server import MORTAL, Server, encoded

# Calls in one piece; two pieces are always under way, so that Redis never waits for the next one.
PIECE = 200


def bare(count):
    """The scripts themselves over one pipelined connection: what Redis allows."""
    with Server() as server:
        client, sender = server.connect(), server.connect()
        load.set_scene(client)
        calls = [encoded(job.call(*work)) for work in load.jobs(count)]
        pieces = [calls[at : at + PIECE] for at in range(0, count, PIECE)]
        stretch, done = None, 0
        for number, piece in enumerate([*pieces, []]):
            sender.socket.sendall(b"".join(piece))
            if number == 0:
                continue
            for _ in pieces[number - 1]:
                sender.reply()
                done += 1
            if stretch is None and done >= warm_up(count):
                stretch = Stretch(client, done)
        figure = stretch.end("the bare scripts, pipelined", "", count)
        figure.faults = load.faults(client, count)
        return figure


def fenliu(program, count):
    """`fenliu bench` with as many jobs, two for each conversation: the figures, and the whole result."""
    words = [*MORTAL, program, "bench", "measure", "--messages", "0", "--conversations", str(count // 2)]
    words += ["--agents", str(load.AGENTS), "--workers", "1", "--memory", "0", "--json"]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"fenliu bench ended with status {done.returncode}:\n{done.stderr[-2000:]}")
    result = json.loads(done.stdout)
    figure = Figure(
        "Fenliu",
        "fenliu",
        result["events_per_second"],
        result["worker_cpu_us_per_event"],
        result["redis_cpu_us_per_event"],
        result["idle_latency_ms"],
    )
    return figure, result
