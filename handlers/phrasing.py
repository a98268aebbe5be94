"""How the concierge writes dates, prices and lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


def day(value: date) -> str:
    """10 May 2026."""
    return f"{value.day} {value:%B} {value.year}"


def money(price: float) -> str:
    """€42, or €42.50."""
    return f"€{price:,.2f}".removesuffix(".00")


def enumerated(parts: Sequence[str]) -> str:
    """One, two and three."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def counted(number: int, noun: str) -> str:
    """1 bouquet, 3 bouquets."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def plural(noun: str) -> str:
    """Orchids, whether it was orchid or orchids."""
    return noun if noun.endswith("s") else f"{noun}s"
