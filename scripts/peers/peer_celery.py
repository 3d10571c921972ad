"""Celery: https://docs.celeryq.dev/en/stable/userguide/optimizing.html"""

import celery
import redis

import job

app = celery.Celery("compare", broker=f"redis+socket://{job.SOCKET}?virtual_host={job.DATABASE}")
app.conf.update(
    # "Lots of short tasks, and throughput is important": 64 or 128, says the page.
    worker_prefetch_multiplier=128,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_disable_rate_limits=True,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
perform = app.task(job.performer(redis.Redis.from_url(job.URL)), name="perform", ignore_result=True)


async def producer():
    async def send(jobs):
        # One connection for all of them, as for "many tasks at once".
        with app.producer_pool.acquire(block=True) as pooled:
            for words in jobs:
                perform.apply_async(words, producer=pooled)

    return send
