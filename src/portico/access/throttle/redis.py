"""Buckets in Redis or Valkey, which machines share.

One script decides and takes, by the server's clock. Requests that arrive while a call is under way wait for it to end
and then go together in one: so a loaded process pays for a call once in many requests. Nothing that was sent is sent
again, since a bucket might be taken from twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from importlib.resources import files
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from portico.access.throttle.bucket import JUMP, Bucket, Taken, told
from portico.access.throttle.store import LimitStoreUnavailable
from portico.errors import ConfigError
from portico.secret import Secret

TIMEOUT = 0.25  # seconds that a call may take, and connecting before it
REST = 0.5  # seconds that a server which failed is left alone
WAITING = 10_000  # requests that may wait in one process
BATCH = 256  # requests in one call
PORTION = 500  # buckets that are read or seeded at once
KEYS = 3_000  # buckets in one call, before the last request's: Lua passes no more than 8,000 values

SCRIPT = files("portico.access.throttle").joinpath("take.lua").read_text("utf-8")
DIGEST = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
CLOSED = "The limits in Redis were closed."
_BRACES = {ord(brace): "_" for brace in "{}"}  # would end the hash tag

Number = str | float


class Waiting(NamedTuple):
    """A request that goes with the next call."""

    kind: str  # as the script calls it
    cost: float
    buckets: Sequence[Bucket]
    levels: Sequence[float]  # that are to be seeded
    answer: asyncio.Future[Taken]


class Call(NamedTuple):
    """What is sent for several of them."""

    serial: int  # which the answer repeats, so that it is known to be this call's
    keys: list[bytes]
    requests: bytes


class RedisStore:
    """Keeps buckets in a server of Redis 6, Valkey 7 or later. To be used on one event loop."""

    name = "redis"

    def __init__(self, url: Secret, prefix: str) -> None:
        """Nothing is connected before the first use.

        Args:
            url: `redis://`, `rediss://` (TLS) or `unix://`, with user and password where there are some.
            prefix: sets apart projects that share a server. It is the hash tag of all names, so that a cluster keeps
                them on one node.

        Raises:
            ConfigError: the URL is none of Redis.
        """
        try:
            self._client = Redis.from_url(url.reveal(), retry=Retry(NoBackoff(), 0), decode_responses=False)
        except (ValueError, TypeError, RedisError):  # their text may tell the password
            mend = "[redis] url (PORTICO_REDIS_URL) cannot be used. Write redis://user:password@host:6379/0"
            raise ConfigError(mend) from None
        self._prefix = f"{{portico:{prefix.translate(_BRACES)}}}:"
        self._waiting: deque[Waiting] = deque()
        self._serials = itertools.count(1)
        self._pump: asyncio.Task[None] | None = None
        self._failure: tuple[float, str] | None = None  # when, and how

    def take(self, buckets: Sequence[Bucket], cost: float) -> Awaitable[Taken]:
        """See `LimitStore`."""
        return self._ask("take", buckets, cost=cost)

    async def read(self, buckets: Sequence[Bucket]) -> tuple[float | None, ...]:
        """See `LimitStore`."""
        levels: list[float | None] = []
        for start in range(0, len(buckets), PORTION):
            levels += (await self._ask("read", buckets[start : start + PORTION])).levels
        return tuple(levels)

    async def seed(self, levels: Sequence[tuple[Bucket, float]]) -> None:
        """See `LimitStore`."""
        for start in range(0, len(levels), PORTION):
            portion = levels[start : start + PORTION]
            await self._ask("seed", [bucket for bucket, _ in portion], levels=[level for _, level in portion])

    async def sweep(self) -> None:
        """See `LimitStore`. The server forgets by itself."""

    async def close(self) -> None:
        """See `LimitStore`."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait([self._pump])
        self._refuse(CLOSED)
        await self._client.aclose()

    def _ask(
        self, kind: str, buckets: Sequence[Bucket], *, cost: float = 0.0, levels: Sequence[float] = ()
    ) -> asyncio.Future[Taken]:
        if self._failure is not None:
            self._rest(*self._failure)
        if len(self._waiting) >= WAITING:
            raise LimitStoreUnavailable("Too many requests wait for the limits in Redis.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Taken] = loop.create_future()
        self._waiting.append(Waiting(kind, cost, buckets, levels, answer))
        if self._pump is None:  # begins in the loop's next turn, so that all of this turn go together
            self._pump = loop.create_task(self._run())
        return answer

    async def _run(self) -> None:
        """Call after call, until nobody waits. One that fails fails all that are in it, and all that wait behind it."""
        batch: list[Waiting] = []
        try:
            while self._waiting:
                batch, call = self._next()
                if batch:
                    async with asyncio.timeout(TIMEOUT):
                        answered = await self._call(call)
                    self._tell(batch, call, answered)
        except Exception as error:  # whatever it is: those who wait must hear of it
            message = f"The limits in Redis cannot be used: {_described(error)}."
            self._failure = (time.monotonic(), message)
            self._refuse(message, batch)
        finally:
            self._pump = None
            self._refuse(CLOSED, batch)  # where it was cancelled; else all have heard

    def _next(self) -> tuple[list[Waiting], Call]:
        """The requests of the next call, and what is sent for them."""
        batch: list[Waiting] = []
        requests: list[list[Number]] = []
        places: dict[str, int] = {}  # of buckets in the script's KEYS
        while self._waiting and len(batch) < BATCH and len(places) < KEYS:
            one = self._waiting.popleft()
            if one.answer.done():  # cancelled
                continue
            request: list[Number] = [one.kind, one.cost]
            sizes = one.levels or [bucket.capacity for bucket in one.buckets]
            for bucket, size in zip(one.buckets, sizes, strict=True):
                request += places.setdefault(bucket.name, len(places) + 1), size, bucket.rate, bucket.keep
            batch.append(one)
            requests.append(request)
        serial = next(self._serials)
        keys = [(self._prefix + name).encode("utf-8", "surrogatepass") for name in places]
        return batch, Call(serial, keys, msgspec.msgpack.encode((serial, JUMP, requests)))

    async def _call(self, call: Call) -> object:
        execute: Callable[..., Awaitable[object]] = self._client.execute_command
        try:
            return await execute("EVALSHA", DIGEST, len(call.keys), *call.keys, call.requests)
        except NoScriptError:  # the server is new, or has forgotten it: nothing has run
            return await execute("EVAL", SCRIPT, len(call.keys), *call.keys, call.requests)

    def _tell(self, batch: Sequence[Waiting], call: Call, answered: object) -> None:
        if not isinstance(answered, bytes):
            raise ValueError("its answer is of another kind")
        numbers = msgspec.msgpack.decode(answered, type=list[float])
        if len(numbers) != 1 + sum(1 + len(one.buckets) for one in batch) or numbers[0] != call.serial:
            raise ValueError("its answer is to another question")
        start = 1
        for one in batch:
            end = start + 1 + len(one.buckets)
            if not one.answer.done():
                one.answer.set_result(told(numbers[start] == 1.0, numbers[start + 1 : end]))
            start = end

    def _rest(self, since: float, message: str) -> None:
        if time.monotonic() < since + REST:
            raise LimitStoreUnavailable(message)
        self._failure = None

    def _refuse(self, message: str, batch: Iterable[Waiting] = ()) -> None:
        for one in (*batch, *self._waiting):
            if not one.answer.done():
                one.answer.set_exception(LimitStoreUnavailable(message))
        self._waiting.clear()


def _described(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"it does not answer within {TIMEOUT} s"
    return str(error).rstrip(".") or type(error).__name__
