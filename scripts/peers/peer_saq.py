"""SAQ: https://saq-py.readthedocs.io/"""

import asyncio

import redis.asyncio
from saq import Job
from saq.queue.redis import RedisQueue

import job

job.prefer_uvloop()

queue = RedisQueue(redis.asyncio.Redis.from_url(job.URL), name="compare", max_concurrent_ops=200)


async def perform(context, *, kind, conversation, tell):
    await context["perform"](kind, conversation, tell)


async def start(context):
    context["perform"] = job.async_performer(redis.asyncio.Redis.from_url(job.URL))


settings = {"queue": queue, "functions": [perform], "startup": start, "concurrency": 30}


async def producer():
    await queue.connect()

    async def put(kind, conversation, tell):
        # No result is kept, no time limit is watched, and nothing is tried again.
        work = Job("perform", kwargs={"kind": kind, "conversation": conversation, "tell": tell})
        work.ttl, work.timeout, work.retries = -1, 0, 1
        await queue.enqueue(work)

    async def send(jobs):
        for at in range(0, len(jobs), 50):
            await asyncio.gather(*(put(*words) for words in jobs[at : at + 50]))

    return send
