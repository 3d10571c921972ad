"""arq: https://arq-docs.helpmanual.io/ (class Worker)"""

import redis.asyncio
from arq import create_pool
from arq.connections import RedisSettings

import job

job.prefer_uvloop()

SETTINGS = RedisSettings(unix_socket_path=job.SOCKET, database=job.DATABASE)


async def perform(context, kind, conversation, tell):
    await context["perform"](kind, conversation, tell)


async def start(context):
    context["perform"] = job.async_performer(redis.asyncio.Redis.from_url(job.URL))


class Settings:
    """What `arq` is told."""

    functions = [perform]
    redis_settings = SETTINGS
    on_startup = start
    # It would look for jobs twice a second only, and take at most as many as it reads at once.
    poll_delay = 0.005
    max_jobs = 100
    queue_read_limit = 100
    keep_result = 0
    log_results = False
    max_tries = 1


async def producer():
    pool = await create_pool(SETTINGS)

    async def send(jobs):
        for words in jobs:
            await pool.enqueue_job("perform", *words)

    return send
