"""The job that every peer does: one call of one of two scripts, on the Redis that holds its queue too."""

import asyncio
import hashlib
import os
import pathlib
import time

SOCKET = os.environ.get("FENLIU_COMPARE_SOCKET", "")
DATABASE = int(os.environ.get("FENLIU_COMPARE_DATABASE", "0"))
URL = f"unix://{SOCKET}?db={DATABASE}"

CAPACITY = 10
KEYS = ["agents", "conversations", "queue", "done", "oddities", "told"]

SCRIPTS = {
    kind: pathlib.Path(__file__).with_name(f"{kind}.lua").read_text(encoding="utf-8")
    for kind in ("open", "close")
}
DIGESTS = {kind: hashlib.sha1(text.encode()).hexdigest() for kind, text in SCRIPTS.items()}

# How long a greeting takes, so that one process cannot take all of them.
GREETING = 0.02


def call(kind, conversation, tell=""):
    """The words of the command; the scripts are loaded before any worker starts."""
    return ["EVALSHA", DIGESTS[kind], len(KEYS), *KEYS, conversation, CAPACITY, tell]


def performer(client):
    """What a worker runs for a job, on a connection of its own."""

    def perform(kind, conversation, tell=""):
        if kind == "hello":
            time.sleep(GREETING)
            client.sadd("greeted", os.getpid())
            client.incr("greetings")
        else:
            client.execute_command(*call(kind, conversation, tell))

    return perform


def async_performer(client):
    """The same for workers that run on an event loop."""

    async def perform(kind, conversation, tell=""):
        if kind == "hello":
            await asyncio.sleep(GREETING)
            await client.sadd("greeted", os.getpid())
            await client.incr("greetings")
        else:
            await client.execute_command(*call(kind, conversation, tell))

    return perform


def prefer_uvloop():
    """For peers on an event loop: the faster one of the two that Python has."""
    import uvloop  # only they have it

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
