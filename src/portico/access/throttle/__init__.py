"""Throttles and quotas: what is taken of buckets, and where that is kept."""

from __future__ import annotations

from pathlib import Path

from portico.access.throttle.bucket import ADDRESS, Bucket, Taken
from portico.access.throttle.memory import MemoryStore
from portico.access.throttle.store import LimitStore, LimitStoreUnavailable
from portico.errors import ConfigError
from portico.secret import Secret

__all__ = ["ADDRESS", "Bucket", "LimitStore", "LimitStoreUnavailable", "MemoryStore", "Taken", "store_for"]


def store_for(url: Secret | None, *, path: Path | None, prefix: str) -> LimitStore:
    """The store of limits: Redis where there is a URL, a file where there is a path, else this process.

    Args:
        url: of Redis or Valkey, for several machines.
        path: of a file, for several workers of one machine.
        prefix: sets apart projects that share a server of Redis.

    Raises:
        ConfigError: the URL is none of Redis, or the packages that it needs are not installed.
    """
    if url:
        try:
            from portico.access.throttle.redis import RedisStore
        except ImportError:
            raise ConfigError("Limits in Redis need the extra: pip install 'portico[redis]'") from None
        return RedisStore(url, prefix)
    if path is not None:
        from portico.access.throttle.sqlite import SQLiteStore

        return SQLiteStore(path)
    return MemoryStore()
