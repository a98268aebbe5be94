"""Password hashes: argon2id, in threads that yield to the server, and never more at once than there are processors.

A stored hash is in PHC string format. Hashes of others (argon2i, argon2d, scrypt, PBKDF2) are verified, and replaced by
argon2id at the next sign-in. With the pool's `pepper` a password passes through HMAC-SHA256 with a key of the project's
secret first, and `pepper:{id of the key}:` stands before the hash.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from portico.identity.pool import Pool
from portico.identity.users import phc
from portico.identity.users.errors import Busy
from portico.identity.users.policy import LONGEST, normalised
from portico.store import Secrets

TIME_COST, MEMORY, LANES = 2, 19_456, 1  # passes, KiB, threads: OWASP Password Storage Cheat Sheet, argon2id
WAITING = 256  # passwords that may wait in one process, about five seconds of one processor
NICENESS = 10  # so that hashing takes the time that the server leaves
PURPOSE = "password-pepper"
PREFIX = "pepper"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verified:
    """What a comparison found."""

    right: bool
    outdated: bool = False  # the hash should be made anew


class Passwords:
    """Makes and compares hashes of passwords."""

    def __init__(self, pool: Pool) -> None:
        self._secrets = pool.secrets
        self._peppered = pool.settings.password.pepper
        self._argon2 = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY, parallelism=LANES)
        self._threads = ThreadPoolExecutor(_processors(), thread_name_prefix="portico-argon2", initializer=_yield)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to store.

        Args:
            password: as it was typed.

        Raises:
            Busy: too many wait already.
        """
        return await self._elsewhere(lambda: self._hash(password))

    async def verify(self, stored: str | None, password: str) -> Verified:
        """Compare. It takes the same time when there is nothing to compare with.

        Args:
            stored: the hash; None where there is none.
            password: as it was typed.

        Raises:
            Busy: too many wait already.
        """
        return await self._elsewhere(lambda: self._verify(stored, password))

    async def _elsewhere(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        plain = normalised(password)
        if not self._peppered:
            return self._argon2.hash(plain)
        key = self._secrets.key(PURPOSE)
        return f"{PREFIX}:{_id(key)}:{self._argon2.hash(_peppered(key, plain))}"

    def _verify(self, stored: str | None, password: str) -> Verified:
        usable = len(password) <= LONGEST and len(normalised(password)) <= LONGEST
        opened = _opened(stored, normalised(password), self._secrets) if stored and usable else None
        if opened is None:
            self._argon2.hash(b"nobody")
            return Verified(False)
        text, plain = opened
        if not self._matches(text, plain):
            return Verified(False)
        return Verified(True, outdated=self._outdated(str(stored), text))

    def _matches(self, text: str, plain: bytes) -> bool:
        if not text.startswith("$argon2"):
            return phc.matches(text, plain)
        try:
            return self._argon2.verify(text, plain)
        except (Argon2Error, InvalidHashError):
            return False

    def _outdated(self, stored: str, text: str) -> bool:
        wanted = f"{PREFIX}:{_id(self._secrets.key(PURPOSE))}:" if self._peppered else ""
        if stored != wanted + text or not text.startswith("$argon2id$"):
            return True
        return self._argon2.check_needs_rehash(text)


def _opened(stored: str, plain: bytes, secrets: Secrets) -> tuple[str, bytes] | None:
    """The PHC string, and what was hashed; None where the pepper's secret is gone."""
    if not stored.startswith(f"{PREFIX}:"):
        return stored, plain
    _, found, text = stored.split(":", 2)
    for key in secrets.keys(PURPOSE):
        if _id(key) == found:
            return text, _peppered(key, plain)
    return None


def _peppered(key: bytes, plain: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, plain, "sha256"))


def _id(key: bytes) -> str:
    """Names a key without telling it."""
    return sha256(b"portico/pepper-id" + key).hexdigest()[:8]


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _yield() -> None:
    """Run this thread after the others (Linux, where each thread has a priority of its own)."""
    if hasattr(os, "sched_getaffinity"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
