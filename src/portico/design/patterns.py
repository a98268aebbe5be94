"""A text that matches a regular expression, for examples.

The expression is read, never run: patterns come from other people's documents, and some take exponential time to
match. Whether a text really matches is for jsonschema-rs to say, whose matching has a bound on its work.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import jsonschema_rs

LONGEST = 4_096  # characters that are made
_LONGEST_PATTERN = 2_000  # characters that are read
_STEPS = 20_000  # parts of a pattern that are followed, since nothing repeated a million times adds no character
_TRIES = (0, 1, 2, 3, 5, 8, 13, 21, 34, 64, 128, 256)  # repetitions over the least
_SHIFTS = 20  # texts of different letters
_NICE = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_. "
_PROPERTIES = {"L": "a-zA-Z", "Lu": "A-Z", "Ll": "a-z", "N": "0-9", "Nd": "0-9", "P": "!-/", "Z": " ", "Zs": " "}
_CLASSES: dict[Any, str] = {
    code.CATEGORY_DIGIT: "1234567890",
    code.CATEGORY_WORD: _NICE[:62] + "_",
    code.CATEGORY_SPACE: " \t\n",
    code.CATEGORY_NOT_DIGIT: _NICE[:26],
    code.CATEGORY_NOT_WORD: "-. ",
    code.CATEGORY_NOT_SPACE: _NICE[:-1],
}


@functools.lru_cache(maxsize=10_000)
def matching(pattern: str, least: int = 0, most: int = LONGEST, nth: int = 0) -> str | None:
    """A text that matches; None where none was found.

    Args:
        pattern: a regular expression of ECMA-262, as JSON Schema has them.
        least: characters.
        most: characters.
        nth: which of several different texts.
    """
    try:
        fits = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    except ValueError:
        return None
    fitting = (text for text in candidates(pattern, least) if least <= len(text) <= most and fits(text))
    return next(islice(fitting, nth, None), None)


def candidates(pattern: str, least: int = 0) -> Iterator[str]:
    """Texts that probably match, different ones, shorter ones first; none where the pattern cannot be read.

    Args:
        pattern: a regular expression of ECMA-262.
        least: characters that a text should have.
    """
    if len(pattern) > _LONGEST_PATTERN:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(_translated(pattern))
    except (re.error, RecursionError, OverflowError, ValueError):
        return
    aimed = [least // part - less for part in (1, 2, 3) for less in range(9) if least // part > less]
    seen = set()
    for more, shift in [*((more, 0) for more in (*_TRIES, *aimed)), *((0, shift) for shift in range(1, _SHIFTS))]:
        try:
            text = _Writer(more, shift).write(tree)
        except (_TooLong, RecursionError):
            continue
        if text not in seen:
            yield text
        seen.add(text)


def _translated(pattern: str) -> str:
    """What ECMA-262 writes differently from Python: named groups, `\\p{L}`, `\\u{1F600}`, `\\/`, `$`, `\\cX`."""
    pattern = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", pattern)
    pattern = re.sub(r"\\k<(\w+)>", r"(?P=\1)", pattern)
    pattern = re.sub(r"\\u\{([0-9a-fA-F]{1,6})\}", lambda found: f"\\U{found[1]:0>8}", pattern)
    in_class = re.compile(r"(\[(?:[^\]\\]|\\[^pP])*)\\[pP]\{(\w+)\}")
    while in_class.search(pattern):
        pattern = in_class.sub(lambda found: found[1] + _property(found[2]), pattern)
    pattern = re.sub(r"\\[pP]\{(\w+)\}", lambda found: f"[{_property(found[1])}]", pattern)
    return re.sub(r"\\([/@#%&~`'\"<>=:;,!_-])", lambda found: re.escape(found[1]), pattern)


def _property(name: str) -> str:
    return _PROPERTIES.get(name, _PROPERTIES.get(name[:1], "a-z"))


class _TooLong(Exception):
    pass


class _Writer:
    """Writes one text for a parsed pattern.

    Args:
        more: how many repetitions to make over the least.
        shift: which of a set of letters to begin with.
    """

    def __init__(self, more: int, shift: int) -> None:
        self._more = more
        self._shift = shift
        self._groups: dict[int, str] = {}
        self._size = 0
        self._steps = 0

    def write(self, tree: Iterable[tuple[Any, Any]]) -> str:
        self._steps += 1
        if self._steps > _STEPS:
            raise _TooLong
        return "".join(self._part(kind, argument) for kind, argument in tree)

    def _part(self, kind: Any, argument: Any) -> str:
        writer = _PARTS.get(kind)
        return writer(self, argument) if writer is not None else ""

    def literal(self, argument: int) -> str:
        return self._counted(chr(argument))

    def one_of(self, argument: list[tuple[Any, Any]]) -> str:
        inverse = argument[0][0] is code.NEGATE
        letters = list(chain.from_iterable(map(_letters, argument[1:] if inverse else argument)))
        if inverse:
            letters = [letter for letter in _NICE if letter not in letters] or ["¤"]
        return self._counted(letters[(self._size + self._shift) % len(letters)] if letters else "")

    def anything(self, _: object) -> str:
        return self._counted(_NICE[(self._size + self._shift) % 26])

    def anything_but(self, argument: int) -> str:
        return self._counted(next(letter for letter in _NICE if letter != chr(argument)))

    def repeat(self, argument: tuple[int, int, Any]) -> str:
        least, most, tree = argument
        if least > LONGEST:
            raise _TooLong
        return "".join(self.write(tree) for _ in range(min(least + self._more, int(most))))

    def group(self, argument: tuple[int | None, int, int, Any]) -> str:
        text = self.write(argument[-1])
        if argument[0] is not None:
            self._groups[argument[0]] = text
        return text

    def atomic(self, argument: Any) -> str:
        return self.write(argument)

    def branch(self, argument: tuple[None, list[Any]]) -> str:
        return self.write(argument[1][0])

    def again(self, argument: int) -> str:
        return self._counted(self._groups.get(argument, ""))

    def _counted(self, text: str) -> str:
        self._size += len(text)
        if self._size > LONGEST:
            raise _TooLong
        return text


_PARTS: dict[Any, Callable[[_Writer, Any], str]] = {
    code.LITERAL: _Writer.literal,
    code.NOT_LITERAL: _Writer.anything_but,
    code.ANY: _Writer.anything,
    code.IN: _Writer.one_of,
    code.MAX_REPEAT: _Writer.repeat,
    code.MIN_REPEAT: _Writer.repeat,
    code.POSSESSIVE_REPEAT: _Writer.repeat,
    code.SUBPATTERN: _Writer.group,
    code.ATOMIC_GROUP: _Writer.atomic,
    code.BRANCH: _Writer.branch,
    code.GROUPREF: _Writer.again,
}


def _letters(item: tuple[Any, Any]) -> Iterable[str]:
    kind, argument = item
    if kind is code.LITERAL:
        return chr(argument)
    if kind is code.RANGE:
        return map(chr, range(argument[0], min(argument[1], argument[0] + 61) + 1))
    return _CLASSES.get(argument, "a")
