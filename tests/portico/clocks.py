"""Clocks that tests set."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ManualClock:
    """Stands still until somebody moves it."""

    now: float = field(default=1_800_000_000.0)  # seconds since the epoch

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
