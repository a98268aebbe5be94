"""Patterns of names and paths: `*` stands for any text, everything else for itself.

They are matched without backtracking, in a time that is bounded by pattern times text. A claim that a path pattern
names is put in as it is: a `*` in it is a star, and a `/` in it can only be an encoded slash of the path, since paths
are taken apart before they are decoded (RFC 3986 section 2.4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from portico.access.model import Principal

T = TypeVar("T")

VARIABLE = re.compile(r"\$\{claims\.([^{}]+)\}")
LARGEST = 1 << 64  # whole numbers from here on are no part of a path
DOTS = frozenset((".", ".."))

Part = str | tuple[str]  # text, or the claim whose value stands here
Piece = tuple[Part, ...]  # what stands between two stars


class PatternInvalid(ValueError):
    """A pattern cannot be understood."""


def fits(pieces: Sequence[str], text: str) -> bool:
    """Whether a text is the pieces in their order, with any text between them.

    Args:
        pieces: a pattern that was split at its stars.
        text: what is looked at.
    """
    if len(pieces) == 1:
        return text == pieces[0]
    first, last = pieces[0], pieces[-1]
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in pieces[1:-1]:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def matches(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern without variables."""
    return fits(pattern.split("*"), text)


@dataclass(frozen=True, slots=True)
class Segment:
    """A pattern of one segment."""

    pieces: tuple[Piece, ...]  # between stars
    constant: tuple[str, ...] | None  # the pieces, where they name no claim

    def resolved(self, principal: Principal) -> Sequence[str] | None:
        """The pieces with claims put in; None where one is missing."""
        if self.constant is not None:
            return self.constant
        found = []
        for piece in self.pieces:
            parts = [part if isinstance(part, str) else claim_text(principal, part[0]) for part in piece]
            if None in parts:
                return None
            found.append("".join(part for part in parts if part is not None))
        return found

    @property
    def without_claims(self) -> list[str]:
        """The pieces of a pattern that fits whatever the claims may be: each variable is a star."""
        return "*".join(
            "".join(part if isinstance(part, str) else "*" for part in piece) for piece in self.pieces
        ).split("*")


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern of paths: `*` within a segment, `**` for any number of segments, `${claims.NAME}` for a claim."""

    text: str
    blocks: tuple[tuple[Segment, ...], ...]  # between `**`

    @property
    def claims(self) -> frozenset[str]:
        """The claims that it names."""
        return frozenset(VARIABLE.findall(self.text))

    def holds(self, segments: Sequence[str], principal: Principal) -> bool | None:
        """Whether a path fits; None where a claim is missing, so that nobody can say.

        Args:
            segments: from `segments_of`.
            principal: whose claims are put in.
        """
        if len(self.blocks) == 1:
            return _in_step(self.blocks[0], segments, principal)
        blocks = []
        for block in self.blocks:
            resolved = [segment.resolved(principal) for segment in block]
            if None in resolved:
                return None
            blocks.append([pieces for pieces in resolved if pieces is not None])
        return _spread(blocks, segments, fits)

    def may_match(self, template: str, *, takes_rest: bool = False) -> bool:
        """Whether any path of a template could fit.

        Args:
            template: "/orders/{orderId}".
            takes_rest: whether its last parameter takes all the rest of the path, slashes included.
        """
        blocks = [[segment.without_claims for segment in block] for block in self.blocks]
        segments = template.split("/")
        if not takes_rest:
            return _spread(blocks, segments, _could)
        long_enough = len(blocks) > 1 or len(blocks[0]) >= len(segments)
        return long_enough and all(map(_could, blocks[0], segments[:-1]))


def compile_path(text: str) -> PathPattern:
    """Understand a pattern of paths.

    Args:
        text: "/orders/${claims.sub}/*".

    Raises:
        PatternInvalid: it does not begin with a slash, or holds a variable that there is not.
    """
    if not text.startswith("/"):
        raise PatternInvalid(f"the path {text!r} must begin with a slash; it is below the API's base path")
    rest = VARIABLE.sub("", text)
    if "${" in rest:
        raise PatternInvalid(f"the path {text!r} has a variable that there is not; write ${{claims.NAME}}")
    if any(mark in rest for mark in "?#%"):
        raise PatternInvalid(f"the path {text!r} must be a decoded path, without a query: no ?, # or % is in it")
    blocks: list[list[Segment]] = [[]]
    for segment in _split(text, "/"):
        if segment == "**":
            blocks.append([])
        elif "**" in segment:
            raise PatternInvalid(f"in the path {text!r}, ** must be a segment of its own")
        else:
            blocks[-1].append(_segment(segment))
    return PathPattern(text, tuple(tuple(block) for block in blocks))


def segments_of(path: str) -> list[str] | None:
    """The decoded segments of a path; None where it is none, so that nobody can say what it fits.

    Of segments that are `.` or `..` the meaning depends on who reads them.

    Args:
        path: as it was sent, percent-encoded.
    """
    if not path.startswith("/") or "?" in path:
        return None
    segments = path.split("/")
    if "%" in path:
        segments = [unquote(segment) for segment in segments]
    return None if not DOTS.isdisjoint(segments) else segments


def claim_text(principal: Principal, name: str) -> str | None:
    """A claim as text for a path; None where there is none that can be."""
    value: Any = principal.claims.get(name)
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int and abs(value) < LARGEST else None


def _split(text: str, mark: str) -> list[str]:
    """Split outside of variables, whose names may hold any mark."""
    names = VARIABLE.findall(text)
    parts = VARIABLE.sub("\0", text).split(mark)
    found = iter(names)
    return [re.sub("\0", lambda _: f"${{claims.{next(found)}}}", part) for part in parts]


def _piece(text: str) -> Piece:
    parts: list[Part] = []
    for place, part in enumerate(VARIABLE.split(text)):  # literals at even places, claims at odd ones
        if place % 2:
            parts.append((part,))
        elif part:
            parts.append(part)
    return tuple(parts)


def _segment(text: str) -> Segment:
    constant = None if VARIABLE.search(text) else tuple(text.split("*"))
    return Segment(tuple(_piece(piece) for piece in _split(text, "*")), constant)


def _in_step(block: Sequence[Segment], segments: Sequence[str], principal: Principal) -> bool | None:
    """Whether segments fit one by one; a claim that is missing matters only where all else fits."""
    if len(block) != len(segments):
        return False
    unknown = False
    for pattern, segment in zip(block, segments, strict=True):
        pieces = pattern.resolved(principal)
        if pieces is None:
            unknown = True
        elif not fits(pieces, segment):
            return False
    return None if unknown else True


def _could(pieces: Sequence[str], segment: str) -> bool:
    """Whether a segment of a template can fit: one with a parameter may be anything."""
    return "{" in segment or fits(pieces, segment)


def _spread(blocks: Sequence[Sequence[T]], segments: Sequence[str], one: Callable[[T, str], bool]) -> bool:
    """`fits`, for segments: the blocks in their order, with any number of segments between them."""

    def here(block: Sequence[T], at: int) -> bool:
        return all(one(pattern, segments[at + place]) for place, pattern in enumerate(block))

    first, last = blocks[0], blocks[-1]
    if len(blocks) == 1:
        return len(first) == len(segments) and here(first, 0)
    at, end = len(first), len(segments) - len(last)
    if at > end or not here(first, 0) or not here(last, end):
        return False
    for block in blocks[1:-1]:
        while at + len(block) <= end and not here(block, at):
            at += 1
        if at + len(block) > end:
            return False
        at += len(block)
    return True
