"""The jobs of a run, and what has to be true when all of them were done."""

import job

AGENTS = 100
# As many conversations are open at once as in the load of `fenliu bench`: half of all slots.
OPEN = AGENTS * job.CAPACITY // 2


def conversation(number):
    """An id of 16 bytes."""
    return f"conv{100_000_000_000 + number}"


def jobs(count):
    """Half opens, half closes, in the order in which a shop would have them."""
    conversations = count // 2
    ahead = min(OPEN, conversations)
    work = [("open", conversation(number)) for number in range(ahead)]
    for number in range(conversations):
        work.append(("close", conversation(number)))
        if number + ahead < conversations:
            work.append(("open", conversation(number + ahead)))
    return work


def set_scene(client):
    """Everybody is there and has nothing to do; the scripts are known."""
    client("ZADD", "agents", *(word for number in range(AGENTS) for word in (0, f"agent{number:03}")))
    for kind, text in job.SCRIPTS.items():
        if client("SCRIPT", "LOAD", text) != job.DIGESTS[kind]:
            raise RuntimeError(f"Redis knows {kind}.lua by another digest")


def oddities(client):
    """What was counted beside the work, by name."""
    flat = client("HGETALL", "oddities")
    return {name: int(count) for name, count in zip(flat[::2], flat[1::2])}


def faults(client, count):
    """What is not as it has to be after so many jobs: each was done, and done once."""
    found = []

    def expect(what, value, wanted):
        if value != wanted:
            found.append(f"{what}: {value} instead of {wanted}")

    odd = oddities(client)
    expect("jobs done", int(client("GET", "done") or 0), count)
    expect("jobs done twice", odd.get("done twice", 0), 0)
    expect("opens that came late", odd.get("opened late", 0), odd.get("closed early", 0))
    states = client("HVALS", "conversations")
    expect("conversations", len(states), count // 2)
    expect("conversations that are closed", states.count("closed"), count // 2)
    expect("conversations that wait", client("LLEN", "queue"), 0)
    expect("agents without load", client("ZCOUNT", "agents", 0, 0), AGENTS)
    return found
