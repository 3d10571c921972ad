"""Dramatiq: https://dramatiq.io/advanced.html"""

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

import job

dramatiq.set_broker(RedisBroker(url=job.URL))
# Repeating a job that failed would hide that it did.
perform = dramatiq.actor(job.performer(redis.Redis.from_url(job.URL)), actor_name="perform", max_retries=0)


async def producer():
    async def send(jobs):
        for words in jobs:
            perform.send(*words)

    return send
