"""taskiq with taskiq-redis: https://taskiq-python.github.io/guide/cli.html"""

import redis.asyncio
from taskiq_redis import ListQueueBroker

import job

# The list, of the three kinds of brokers: faster than the stream, and it gives a job up when its worker dies.
broker = ListQueueBroker(url=job.URL, queue_name="taskiq")
connected = []


@broker.task(task_name="perform")
async def perform(kind, conversation, tell):
    if not connected:
        connected.append(job.async_performer(redis.asyncio.Redis.from_url(job.URL)))
    await connected[0](kind, conversation, tell)


async def producer():
    await broker.startup()

    async def send(jobs):
        for words in jobs:
            await perform.kiq(*words)

    return send
