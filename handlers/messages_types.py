"""The types of specs/messages.yaml. `portico stubs` writes this file: edit the document instead."""

# ruff: noqa
# fmt: off

from __future__ import annotations

from typing import TypedDict


class Answer(TypedDict):
    """The answer to a message."""

    text: str


class Message(TypedDict):
    """A short text."""

    text: str
