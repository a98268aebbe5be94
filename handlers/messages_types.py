"""Types of specs/messages.yaml."""

from __future__ import annotations

from typing import TypedDict


class Message(TypedDict):
    """A short text."""

    text: str


class Answer(TypedDict):
    """The answer to a message."""

    text: str
