"""What a client sent, as a message may quote it."""

from __future__ import annotations

_LENGTH = 100  # characters that are quoted


def shown(value: bytes) -> str:
    """The value in quotes: printable, and not too long."""
    text = ascii(value[: _LENGTH + 1].decode("latin-1"))
    return text if len(value) <= _LENGTH else f"{text[:_LENGTH]}...'"
