"""Puts jobs into a peer's queue by the peer's own means: `python produce.py MODULE fill|single`.

`fill` reads the jobs from standard input, a kind and a conversation on each line. `single` sends one job
after the other, each when the last one was done, and prints how long each took, in nanoseconds.
"""

import asyncio
import importlib
import json
import sys
import time

import redis

import job

PIECE = 500
WARM_UP = 20
ROUNDS = 1_000
# Some look for jobs only now and then: with them it is not as many.
SECONDS = 8


async def fill(send):
    work = [(*line.split(), "") for line in sys.stdin]
    start = time.monotonic()
    for at in range(0, len(work), PIECE):
        await send(work[at : at + PIECE])
    return time.monotonic() - start


async def single(send):
    client = redis.Redis.from_url(job.URL, socket_timeout=40)
    times = []
    end = time.monotonic() + SECONDS
    number = 0
    while number % 2 or (time.monotonic() < end and len(times) < ROUNDS):
        kind = "close" if number % 2 else "open"
        start = time.perf_counter_ns()
        await send([(kind, f"idle{100_000_000_000 + number // 2}", "tell")])
        if not client.blpop("told", timeout=30):
            raise RuntimeError("a job was not done within 30 s")
        if number >= WARM_UP:
            times.append(time.perf_counter_ns() - start)
        number += 1
    return times


async def main():
    module, what = sys.argv[1:]
    send = await importlib.import_module(module).producer()
    print(json.dumps(await {"fill": fill, "single": single}[what](send)))


if __name__ == "__main__":
    asyncio.run(main())
