"""One process of several that share limits: takes as fast as it can, and says what it was admitted.

    python -m tests.portico.access.throttle.worker '{"url": ..., "path": ..., "keys": 1, ...}'

It says "ready", waits for a line, and at the end prints when it first and last took, and what each key was given.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import time
from pathlib import Path

from portico.access.throttle import Bucket, LimitStore, store_for
from portico.secret import Secret

TASKS = 8  # requests under way at once
moment = time.monotonic  # of the real machine


async def main(
    *,
    url: str,
    path: str,
    prefix: str,
    keys: int,
    rate: float,
    burst: float,
    quota: float = 0,
    seconds: float = 3,
    ahead: float = 0,
    record: str = "",
    pause: float = 0,
) -> None:
    """Take.

    Args:
        url: of Redis, or empty.
        path: of a file of SQLite, or empty.
        prefix: of Redis.
        keys: how many keys are used in turn.
        rate: of each, a second.
        burst: of each.
        quota: of all together; then the end is when it is used up.
        seconds: how long.
        ahead: by how many seconds this machine's clocks are wrong.
        record: a file that gets a byte for each admission at once, so that also who is killed has said it.
        pause: seconds between two takes of a task, so that all processes get their share.
    """
    if ahead:
        time.time, real = (lambda: real() + ahead), time.time
        time.monotonic = lambda: moment() + ahead
    store = store_for(Secret(url) if url else None, path=Path(path) if path else None, prefix=prefix)
    limit = Bucket("quota:all", quota, 0.0, 4_000_000_000.0)
    if quota:
        await store.seed([(limit, 0.0)])
    buckets = [(Bucket(f"key:{key}", burst, rate), *([limit] if quota else [])) for key in range(keys)]
    admitted = [0] * keys
    descriptor = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if record else None
    print("ready", flush=True)
    sys.stdin.readline()
    first = moment()

    answered, asked = [], [first]  # the first answers, the last questions

    async def use(begin: int, store: LimitStore) -> None:
        turn = begin
        refused = 0
        question = first
        while moment() < first + seconds and not (quota and refused > 50):
            question = moment()
            taken = store.take(buckets[turn % keys], 1.0)
            if inspect.isawaitable(taken):
                taken = await taken
            if turn == begin:
                answered.append(moment())
            if taken.admitted:
                admitted[turn % keys] += 1
                if descriptor is not None:
                    os.write(descriptor, b".")
            else:
                refused += 1
            turn += 1
            if pause:
                await asyncio.sleep(pause)
        asked.append(question)

    together = TASKS if url else 1
    await asyncio.gather(*(use(number * keys // together, store) for number in range(together)))
    times = {"first": first, "answered": min(answered), "asked": max(asked), "last": moment()}
    print(json.dumps({**times, "admitted": admitted}), flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
