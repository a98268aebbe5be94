"""Seeing each signed request once: a port, and its implementations for one process, one machine, many machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from portico.signing.replay.guard import NONCE, Mode, ReplayGuard, check_replay, check_replay_at_once
from portico.signing.replay.memory import MemoryReplayGuard
from portico.signing.replay.shared import FILE, SharedReplayGuard

if TYPE_CHECKING:
    from portico.store import Database

__all__ = [
    "NONCE",
    "MemoryReplayGuard",
    "Mode",
    "ReplayGuard",
    "SharedReplayGuard",
    "check_replay",
    "check_replay_at_once",
    "guard_for",
]


def guard_for(db: Database, *, root: Path, workers: int) -> ReplayGuard:
    """The guard that fits how a project is served.

    Args:
        db: the project's database. Where it is no file of SQLite, other machines may serve the project too.
        root: the project's folder.
        workers: processes that serve.
    """
    if not db.is_sqlite:
        from portico.signing.replay.database import DatabaseReplayGuard

        return DatabaseReplayGuard(db)
    return MemoryReplayGuard() if workers == 1 else SharedReplayGuard(root / FILE)
