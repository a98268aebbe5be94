"""Texts of a document on their way into source code: none of them may become code.

Everything that a plan holds of a document's words is `Untrusted`. It has no text form: a template must choose an
encoder, which turns it into one harmless part of one language: an identifier, a string literal, a comment. What is
forgotten fails while generating, never in somebody's program.
"""

from __future__ import annotations

from typing import Any, NoReturn


class NotEncoded(TypeError):
    """A text of the document was about to be written as it is. The mend is in the template: choose an encoder."""

    def __init__(self) -> None:
        super().__init__("A text of the document is written without an encoder. Choose one: {{ text | literal }}.")


class Untrusted:
    """A text of a document. It can be compared, hashed and looked at by encoders, and not be printed.

    Args:
        text: as the document has it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def raw(self) -> str:
        """The text itself: for encoders and for comparing, never for writing."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Untrusted) and other._text == self._text

    def __lt__(self, other: Untrusted) -> bool:
        return self._text < other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> NoReturn:
        raise NotEncoded

    def __format__(self, specification: str) -> NoReturn:
        raise NotEncoded

    def __html__(self) -> NoReturn:
        raise NotEncoded

    def __add__(self, other: Any) -> NoReturn:
        raise NotEncoded

    __radd__ = __mod__ = __rmod__ = __add__

    def __repr__(self) -> str:
        return f"<{len(self._text)} characters of the document>"


def finalize(value: object) -> object:
    """What templates may print: text that this package or an encoder made, and numbers. For Jinja's `finalize`.

    Raises:
        NotEncoded: it is, or holds, a text of the document: the text form of a tuple shows its members.
    """
    if isinstance(value, str | int | float) or value is None:
        return value
    raise NotEncoded
