"""Seeing each signed request once."""

from portico.signing.replay.guard import ReplayGuard, check_replay
from portico.signing.replay.memory import MemoryReplayGuard

__all__ = ["MemoryReplayGuard", "ReplayGuard", "check_replay"]
