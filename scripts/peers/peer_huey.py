"""huey: https://huey.readthedocs.io/en/latest/consumer.html"""

import redis
from huey import RedisHuey

import job

# Without results; it waits for jobs in Redis (blocking) rather than looking now and then.
huey = RedisHuey("compare", url=job.URL, results=False, blocking=True, utc=True)
connected = []


@huey.task()
def perform(kind, conversation, tell):
    # Connected on first use: the consumer forks its workers.
    if not connected:
        connected.append(job.performer(redis.Redis.from_url(job.URL)))
    connected[0](kind, conversation, tell)


async def producer():
    async def send(jobs):
        for words in jobs:
            perform(*words)

    return send
