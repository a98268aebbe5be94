"""From a JSON pointer to a line and a column, found only when a finding needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import yaml

from portico.design.model import escape
from portico.design.yaml import PARSER

Position = tuple[int, int]  # line and column, from 1

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]')
_COLON = re.compile(r"[ \t\r\n]*:")
_SPACE = re.compile(r"[ \t\r\n]*")


def positions(text: str, pointers: Collection[str], *, as_json: bool) -> dict[str, Position]:
    """Where the nodes are: of a member its key, of an item its first character.

    A pointer that the text does not hold (it came through an alias or a merge key) gets the nearest node above it.

    Args:
        text: the file.
        pointers: JSON pointers (RFC 6901).
        as_json: whether the text is JSON; else it is YAML.
    """
    if as_json:
        found = _JsonFinder(text, pointers).run() if text.strip() else {}
    else:
        finder = _Finder(pointers)
        _scan_yaml(text, finder)
        found = finder.found
    return {pointer: _nearest(pointer, found) for pointer in pointers}


def repeated_key(text: str) -> Position:
    """Where a JSON text has a key for the second time in one object; its beginning where there is none."""
    keys: list[set[str] | None] = []  # of the objects around; None for a list
    for match in _JSON_TOKEN.finditer(text):
        found = match.group()
        if found in "{[":
            keys.append(set() if found == "{" else None)
        elif found in "}]":
            keys.pop()
        elif keys and (names := keys[-1]) is not None and _COLON.match(text, match.end()):
            name = json.loads(found, strict=False)
            if name in names:
                return text.count("\n", 0, match.start()) + 1, match.start() - text.rfind("\n", 0, match.start())
            names.add(name)
    return 1, 1


def _nearest(pointer: str, found: dict[str, Position]) -> Position:
    while pointer and pointer not in found:
        pointer = pointer.rpartition("/")[0]
    return found.get(pointer, (1, 1))


class _Finder:
    """Follows a walk through a text and notes the places of wanted nodes and of all nodes above them."""

    def __init__(self, pointers: Collection[str]) -> None:
        self.found: dict[str, Position] = {}
        self._wanted: set[str] = set()
        for pointer in pointers:
            while pointer and pointer not in self._wanted:
                self._wanted.add(pointer)
                pointer = pointer.rpartition("/")[0]
        self._stack: list[list[Any]] = []  # [pointer or None where nothing below is wanted, is a mapping, key or index]

    @property
    def expects_key(self) -> bool:
        return bool(self._stack) and self._stack[-1][1] and self._stack[-1][2] is None

    def key(self, name: str, position: Position) -> None:
        top = self._stack[-1]
        top[2] = name
        if top[0] is not None:
            self._note(f"{top[0]}/{escape(name)}", position)

    def begin(self, position: Position, *, mapping: bool) -> None:
        self._stack.append([self._enter(position), mapping, None if mapping else 0])

    def scalar(self, position: Position) -> None:
        self._enter(position)
        self._leave()

    def end(self) -> None:
        self._stack.pop()
        self._leave()

    def _enter(self, position: Position) -> str | None:
        if not self._stack:
            self.found[""] = position
            return ""
        pointer, mapping, token = self._stack[-1]
        if pointer is None:
            return None
        here = f"{pointer}/{escape(token) if mapping else token}"
        if here not in self._wanted:
            return None
        self._note(here, position)
        return here

    def _leave(self) -> None:
        if self._stack:
            top = self._stack[-1]
            top[2] = None if top[1] else top[2] + 1

    def _note(self, pointer: str, position: Position) -> None:
        if pointer in self._wanted:
            self.found.setdefault(pointer, position)


def _scan_yaml(text: str, finder: _Finder) -> None:
    try:
        for event in yaml.parse(text, Loader=PARSER):
            kind = type(event)
            if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                finder.end()
            elif kind in (yaml.ScalarEvent, yaml.AliasEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent):
                mark: Any = event.start_mark
                position = mark.line + 1, mark.column + 1
                if finder.expects_key:
                    finder.key(getattr(event, "value", ""), position)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    finder.begin(position, mapping=kind is yaml.MappingStartEvent)
                else:
                    finder.scalar(position)
    except yaml.YAMLError:
        return  # the text has been read before: what was found so far will do


class _JsonFinder:
    """Walks through the wanted parts of a JSON text; the rest is skipped by the decoder, at the speed of C.

    The text has been decoded before, so it is well formed and its depth is bounded.
    """

    def __init__(self, text: str, pointers: Collection[str]) -> None:
        self._text = text
        self._skip: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]
        self._wanted: dict[str, Any] = {}
        for pointer in pointers:
            node = self._wanted
            for token in pointer.split("/")[1:]:
                node = node.setdefault(token, {})
        self.offsets: dict[str, int] = {}

    def run(self) -> dict[str, Position]:
        """The positions of what was found."""
        start = self._space(0)
        self.offsets[""] = start
        self._walk(start, "", self._wanted)
        result: dict[str, Position] = {}
        line, start, scanned = 1, 0, 0
        for pointer, offset in sorted(self.offsets.items(), key=lambda item: item[1]):
            line += self._text.count("\n", scanned, offset)
            start = self._text.rfind("\n", scanned, offset) + 1 or start  # never back to the beginning of the text
            scanned = offset
            result[pointer] = line, offset - start + 1
        return result

    def _space(self, offset: int) -> int:
        match = _SPACE.match(self._text, offset)
        return match.end() if match else offset

    def _walk(self, offset: int, pointer: str, wanted: dict[str, Any]) -> int:
        """Note what is wanted in the value at an offset; the offset after it."""
        kind = self._text[offset]
        if not wanted or kind not in "{[":
            return self._skip(self._text, offset)[1]
        index = 0
        offset = self._space(offset + 1)
        while self._text[offset] not in "}]":
            place = offset
            if kind == "{":
                key, offset = scanstring(self._text, offset + 1, False)
                token = escape(key)
                offset = self._space(self._space(offset) + 1)
            else:
                token = str(index)
            below = wanted.get(token)
            if below is None:
                offset = self._skip(self._text, offset)[1]
            else:
                here = f"{pointer}/{token}"
                self.offsets[here] = place
                offset = self._walk(offset, here, below)
            index += 1
            offset = self._space(offset)
            if self._text[offset] == ",":
                offset = self._space(offset + 1)
        return offset + 1
