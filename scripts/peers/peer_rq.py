"""RQ: https://python-rq.org/docs/workers/ (performance notes)"""

import redis
import rq

import job

connection = redis.Redis.from_url(job.URL)
perform = job.performer(redis.Redis.from_url(job.URL))


def run(kind, conversation, tell):
    perform(kind, conversation, tell)


async def producer():
    queue = rq.Queue("default", connection=connection)

    async def send(jobs):
        # No results are kept; all of a piece go in one round trip.
        queue.enqueue_many(
            [rq.Queue.prepare_data("peer_rq.run", words, result_ttl=0, failure_ttl=60) for words in jobs]
        )

    return send
