"""A private Redis for the bench, on the core of the load: what the server does for a limit is measured, not Redis."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os

from tests.portico import redis

from bench.process import LOAD_CORE, free_port


@functools.cache
def redis_url() -> str:
    """Where it is reached, by TCP as on another machine. It is started at the first use, and ends with this process.

    Raises:
        Unavailable: there is no Redis on this machine.
    """
    port = free_port()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {int(LOAD_CORE)})  # what is started here inherits it
    try:
        stack = contextlib.ExitStack()
        stack.enter_context(redis.running(*redis.NOTHING_KEPT, "--bind", "127.0.0.1", "--port", str(port)))
        atexit.register(stack.close)
    finally:
        os.sched_setaffinity(0, cores)
    return f"redis://127.0.0.1:{port}/0"
