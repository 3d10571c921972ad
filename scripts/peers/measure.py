"""What one peer does with the jobs: how fast it drains a full queue, and how long a single job takes."""

import json
import subprocess
import time
from dataclasses import dataclass, field

import load
from processes import Workers, cpu_seconds
from server import MORTAL, Server, main_thread_seconds

WORKERS = 2
# The part of the jobs that comes before anything is measured, as in `fenliu bench`.
WARM_UP = 0.05
# For how many seconds nothing may happen before a peer is given up.
PATIENCE = 60
# After the last job: time for one that is done twice to show itself.
REST = 0.5
GREETINGS = 40


@dataclass
class Figure:
    """What was seen of one of them; CPU times in microseconds per job."""

    name: str
    peer: str
    jobs_per_second: float
    worker_cpu_us_per_job: float
    redis_cpu_us_per_job: float
    latency_ms: dict = field(default_factory=dict)
    closed_before_opened: int = 0
    faults: list = field(default_factory=list)


class Stretch:
    """From the end of the warm-up to the last job."""

    def __init__(self, client, done, processes=()):
        self.client, self.done, self.processes = client, done, processes
        self.redis = main_thread_seconds(client)
        self.workers = cpu_seconds(processes)
        self.start = time.monotonic()

    def end(self, name, peer, count):
        seconds = time.monotonic() - self.start
        jobs = count - self.done
        if jobs <= 0:
            raise RuntimeError("all jobs were done before they could be measured; take more --jobs")
        redis = main_thread_seconds(self.client) - self.redis
        workers = cpu_seconds(self.processes) - self.workers
        return Figure(name, peer, jobs / seconds, workers * 1e6 / jobs, redis * 1e6 / jobs)


def warm_up(count):
    return max(1, int(count * WARM_UP))


def measure(peer, count, installed, say):
    """One peer: its workers start, greet, find a full queue, and then single jobs."""
    with Server() as server:
        client = server.connect()
        client("SELECT", 1)
        load.set_scene(client)
        client("SELECT", 0)
        command = peer.worker(installed, server.socket)
        surroundings = server.environment(0, peer.environment)
        with Workers(command, peer.started, surroundings, server.directory) as workers:
            say(f"{peer.title}: its workers start")
            greet(peer, client, server, installed, workers)
            say(f"{peer.title}: {count} jobs go into its queue")
            produce(peer, server, installed, 1, "fill", load.jobs(count))
            say(f"{peer.title}: they are done")
            # From one moment to the next the queue at which the workers wait is full.
            client("SWAPDB", 0, 1)
            stretch = Stretch(client, wait_for(client, warm_up(count), workers), workers.processes())
            wait_for(client, count, workers)
            figure = stretch.end(peer.title, peer.name, count)
            time.sleep(REST)
            figure.faults = load.faults(client, count)
            figure.closed_before_opened = load.oddities(client).get("closed early", 0)
            say(f"{peer.title}: one job at a time")
            figure.latency_ms = percentiles(produce(peer, server, installed, 0, "single", []))
            return figure


def wait_for(client, wanted, workers):
    """Waits until so many jobs are done; how many are."""
    seen, since = -1, time.monotonic()
    while True:
        done = int(client("GET", "done") or 0)
        if done >= wanted:
            return done
        if done != seen:
            seen, since = done, time.monotonic()
        elif time.monotonic() > since + PATIENCE:
            workers.fail(f"nothing happened for {PATIENCE} s, with {done} of {wanted} jobs done")
        workers.check()
        time.sleep(0.002)


def greet(peer, client, server, installed, workers):
    """Sends greetings until every worker process has answered one, and none is left."""
    sent, deadline = 0, time.monotonic() + PATIENCE
    while client("SCARD", "greeted") < WORKERS:
        produce(peer, server, installed, 0, "fill", [("hello", "-")] * GREETINGS)
        sent += GREETINGS
        while int(client("GET", "greetings") or 0) < sent:
            workers.check()
            if time.monotonic() > deadline:
                workers.fail(f"its workers did not answer within {PATIENCE} s")
            time.sleep(0.02)


def produce(peer, server, installed, database, what, work):
    """Runs the peer's producer; what it tells."""
    done = subprocess.run(
        [*MORTAL, *peer.producer(installed), what],
        input="".join(f"{kind} {conversation}\n" for kind, conversation in work),
        capture_output=True,
        text=True,
        env=server.environment(database, peer.environment),
        cwd=server.directory,
        timeout=600,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"its producer ended with status {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def percentiles(nanoseconds):
    """Those that are shown, in milliseconds."""
    times = sorted(nanoseconds)

    def at(percent):
        return round(times[min(len(times) - 1, len(times) * percent // 100)] / 1e6, 4)

    return {"p50": at(50), "p99": at(99), "max": at(100), "rounds": len(times)}
