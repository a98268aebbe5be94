"""From a JSON pointer to a line and a column, found only when a finding needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

import yaml

from portico.design.model import escape
from portico.design.yaml import PARSER

Position = tuple[int, int]  # line and column, from 1

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def positions(text: str, pointers: Collection[str], *, as_json: bool) -> dict[str, Position]:
    """Where the nodes are: of a member its key, of an item its first character.

    A pointer that the text does not hold (it came through an alias or a merge key) gets the nearest node above it.

    Args:
        text: the file.
        pointers: JSON pointers (RFC 6901).
        as_json: whether the text is JSON; else it is YAML.
    """
    finder = _Finder(pointers)
    if set(pointers) != {""}:
        (_scan_json if as_json else _scan_yaml)(text, finder)
    return {pointer: _nearest(pointer, finder.found) for pointer in pointers}


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

    @property
    def wants(self) -> bool:
        return not self._stack or self._stack[-1][0] is not None

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


def _scan_json(text: str, finder: _Finder) -> None:
    line, start, scanned = 1, 0, 0
    for match in _JSON_TOKEN.finditer(text):
        found, offset = match.group(), match.start()
        if found in ",:":
            continue
        if found in "}]":
            finder.end()
            continue
        position = (0, 0)
        if finder.wants:  # counting lines is the dear part
            line += text.count("\n", scanned, offset)
            start = text.rfind("\n", scanned, offset) + 1 or start
            scanned = offset
            position = line, offset - start + 1
        if found in "{[":
            finder.begin(position, mapping=found == "{")
        elif finder.expects_key:
            finder.key(json.loads(found, strict=False), position)
        else:
            finder.scalar(position)
