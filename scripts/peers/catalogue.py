"""The peers: how each is started, and with which settings. Two worker processes each."""

import pathlib
from dataclasses import dataclass

HERE = pathlib.Path(__file__).parent
RUBY = HERE / "peer_sidekiq.rb"


@dataclass(frozen=True)
class Peer:
    """One of them; in its worker's command `{bin}` is where its programs are, `{socket}` that of Redis."""

    name: str
    title: str
    command: tuple
    # How often the command is started; some start their worker processes themselves.
    started: int
    setting: str

    def worker(self, environment, socket):
        return [word.format(bin=f"{environment}/bin", socket=socket) for word in self.command]

    def producer(self, environment):
        if self.name == "sidekiq":
            return ["ruby", str(RUBY)]
        return [f"{environment}/bin/python", str(HERE / "produce.py"), f"peer_{self.name}"]


PEERS = [
    Peer(
        "sidekiq",
        "Sidekiq",
        ("sidekiq", "-r", str(RUBY), "-c", "10", "-q", "default"),
        2,
        "2 processes of 10 threads (its default), driver hiredis, errors logged only",
    ),
    Peer(
        "celery",
        "Celery",
        ("{bin}/celery", "-A", "peer_celery", "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel")
        + ("ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        1,
        "pool prefork of 2, prefetch multiplier 128, no results, no events, no gossip",
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
        ("{bin}/dramatiq", "peer_dramatiq", "--processes", "2", "--threads", "8"),
        1,
        "2 processes of 8 threads (its default), looking for jobs every 10 ms at least",
    ),
    Peer(
        "arq",
        "arq",
        ("{bin}/arq", "peer_arq.Settings"),
        2,
        "2 processes, max_jobs 100, poll_delay 5 ms (its default: 500), no results, uvloop",
    ),
    Peer(
        "saq",
        "SAQ",
        ("{bin}/saq", "peer_saq.settings"),
        2,
        "2 processes, concurrency 100, no results, no time limits, uvloop",
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
        "taskiq-redis' ListQueueBroker, 2 processes of 100 tasks, no results, uvloop",
    ),
    Peer(
        "bullmq",
        "BullMQ (Python)",
        ("{bin}/python", str(HERE / "peer_bullmq.py")),
        2,
        "2 processes, concurrency 100, finished jobs removed, uvloop",
    ),
]
