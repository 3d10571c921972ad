"""The peers: how each is started, and with which settings. Two worker processes each."""

import pathlib
import subprocess
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).parent
RUBY = str(HERE / "peer_sidekiq.rb")


@dataclass(frozen=True)
class Peer:
    """One of them; in its worker's command `{bin}` is where its programs are, `{socket}` that of Redis."""

    name: str
    title: str
    command: tuple
    # How often the command is started; some start their worker processes themselves.
    started: int
    setting: str
    environment: dict = field(default_factory=dict)

    def worker(self, installed, socket):
        words = [word.format(bin=f"{installed}/bin", socket=socket) for word in self.command]
        return [*jit(), *words[1:]] if words[0] == "ruby" else words

    def producer(self, installed):
        if self.name == "sidekiq":
            return ["ruby", RUBY]
        return [f"{installed}/bin/python", str(HERE / "produce.py"), f"peer_{self.name}"]


def jit():
    """Ruby with its compiler, where it has one: Ruby 3.1 on arm64 has none."""
    words = ["ruby", "--yjit"]
    known = subprocess.run([*words, "-e", "0"], capture_output=True, check=False).returncode == 0
    return words if known else words[:1]


PEERS = [
    Peer(
        "sidekiq",
        "Sidekiq",
        ("ruby", "-S", "sidekiq", "-r", RUBY, "-c", "5", "-q", "default"),
        2,
        "2 processes of 5 threads, driver hiredis, YJIT, only errors logged",
    ),
    Peer(
        "sidekiq",
        "Sidekiq as installed",
        ("sidekiq", "-r", RUBY, "-c", "10", "-q", "default"),
        2,
        "2 processes of 10 threads (its default), plain driver, no YJIT, only errors logged",
        {"FENLIU_COMPARE_DRIVER": "ruby"},
    ),
    Peer(
        "celery",
        "Celery",
        ("{bin}/celery", "-A", "peer_celery", "worker", "--pool", "solo", "--loglevel", "ERROR")
        + ("--without-gossip", "--without-mingle", "--without-heartbeat"),
        2,
        "2 workers with pool solo, prefetch multiplier 128, no results, events, gossip or heartbeats",
    ),
    Peer(
        "rq",
        "RQ",
        ("{bin}/rq", "worker", "--worker-class", "rq.SimpleWorker", "--quiet", "--disable-job-desc-logging")
        + ("--url", "unix://{socket}?db=0", "default"),
        2,
        "2 SimpleWorkers (no fork for each job), no results",
    ),
    Peer(
        "dramatiq",
        "Dramatiq",
        ("{bin}/dramatiq", "peer_dramatiq", "--processes", "2", "--threads", "2"),
        1,
        "2 processes of 2 threads, dramatiq_queue_prefetch 64, no retries",
        {"dramatiq_queue_prefetch": "64"},
    ),
    Peer(
        "arq",
        "arq",
        ("{bin}/arq", "peer_arq.Settings"),
        2,
        "2 processes, max_jobs 100, queue_read_limit 100, poll_delay 5 ms (default: 500), no results, uvloop",
    ),
    Peer(
        "saq",
        "SAQ",
        ("{bin}/saq", "peer_saq.settings"),
        2,
        "2 processes, concurrency 30, no results, no time limits, uvloop",
    ),
    Peer(
        "huey",
        "huey",
        ("{bin}/huey_consumer", "peer_huey.huey", "--worker-type", "process", "--workers", "2", "--quiet")
        + ("--no-periodic",),
        1,
        "2 worker processes, blocking pop, no results",
    ),
    Peer(
        "taskiq",
        "taskiq",
        ("{bin}/taskiq", "worker", "peer_taskiq:broker", "--workers", "2", "--max-async-tasks", "100")
        + ("--no-parse", "--log-level", "WARNING"),
        1,
        "ListQueueBroker (the stream was slower), 2 processes of 100 tasks, no results, uvloop",
    ),
    Peer(
        "bullmq",
        "BullMQ's Python port",
        ("{bin}/python", str(HERE / "peer_bullmq.py")),
        2,
        "2 processes, concurrency 20, finished jobs removed, uvloop",
    ),
]
