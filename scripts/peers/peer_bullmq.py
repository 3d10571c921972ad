"""BullMQ's Python port: https://docs.bullmq.io/guide/workers/concurrency; a worker when run by itself"""

import asyncio
import signal

import redis.asyncio
from bullmq import Queue, Worker

import job

job.prefer_uvloop()


def connection():
    # It takes a client of ours, so that the Unix socket can be used.
    return redis.asyncio.Redis.from_url(job.URL, decode_responses=True)


async def producer():
    queue = Queue("compare", {"connection": connection()})

    async def send(jobs):
        await queue.addBulk(
            [{"name": "perform", "data": list(words), "opts": {"removeOnComplete": True}} for words in jobs]
        )

    return send


async def work():
    perform = job.async_performer(connection())

    async def process(task, _token):
        await perform(*task.data)

    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    worker = Worker("compare", process, {"connection": connection(), "concurrency": 20})
    await ended.wait()
    await worker.close(force=True)


if __name__ == "__main__":
    asyncio.run(work())
