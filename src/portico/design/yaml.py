"""YAML 1.2 (core schema) built from libyaml's events: no surprise types, no recursion, bounded.

PyYAML's own loader reads YAML 1.1, where `on` and `no` are booleans, `2026-01-01` a date and `1:30` a number, and it
builds nested values recursively. Its event parser has none of these opinions, so the values are made here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from portico.design.limits import MAX_ALIASED, MAX_DEPTH, Unreadable

PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAG = "tag:yaml.org,2002:"
_MERGE = object()  # the key `<<`


@dataclass(slots=True)
class _Open:
    """A collection that has begun and not ended."""

    value: Any
    mapping: bool
    mark: Any
    anchor: str | None
    key: Any = None
    has_key: bool = False
    merged: list[Any] | None = None
    size: int = 1  # nodes, aliases expanded
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Any
    text: str | None  # of a scalar
    size: int
    height: int


def load(text: str) -> Any:
    """The value of a YAML document: mappings with string keys, lists, strings, numbers, booleans and null.

    Raises:
        Unreadable: it is not YAML, or not of the kind that a design may be.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=PARSER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Unreadable(
            "unreadable-file", f"This is not YAML: {error.problem or error.context}.", line, column
        ) from None
    except UnicodeEncodeError:
        raise Unreadable("unreadable-file", "The text holds half of a surrogate pair.") from None
    except yaml.YAMLError as error:
        reason = str(error).split("\n")[0]
        raise Unreadable("unreadable-file", f"This is not YAML: {reason}.", *_place(text, error)) from None
    return builder.root


def _place(text: str, error: Any) -> tuple[int, int]:
    offset = getattr(error, "position", None) or 0
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def scalar(text: str) -> Any:
    """What a plain scalar means (YAML 1.2.2, 10.3.2)."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL_OR_HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return _finite(float(text))
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("JSON has no infinity and no not-a-number")
    return text


def _finite(number: float) -> float:
    if number in (float("inf"), float("-inf")):
        raise ValueError("the number is too large")
    return number


class _Builder:
    """Takes events, makes values. Its stack is a list, so depth costs memory that `MAX_DEPTH` bounds."""

    def __init__(self) -> None:
        self.root: Any = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._aliased = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._open({}, event, mapping=True)
        elif kind is yaml.SequenceStartEvent:
            self._open([], event, mapping=False)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close()
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise _refuse("unreadable-file", "The file holds more than one YAML document.", event)

    def _scalar(self, event: Any) -> None:
        text, mark = event.value, event.start_mark
        top = self._stack[-1] if self._stack else None
        if top is not None and top.mapping and not top.has_key:
            if event.anchor:
                self._anchors[event.anchor] = _Anchored(text, text, 1, 0)
            plain_merge = text == "<<" and event.implicit[0] and event.tag in (None, _TAG + "merge")
            self._key(_MERGE if plain_merge else text, event)
            return
        try:
            value = self._typed(event)
        except ValueError as error:
            reason = "the number is too large" if "digits" in str(error) else str(error)
            raise Unreadable(
                "unreadable-file", f"{text[:40]!r} cannot be read: {reason}.", mark.line + 1, mark.column + 1
            ) from None
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, text, 1, 0)
        self._add(value, 1, 0, event)

    def _typed(self, event: Any) -> Any:
        text, tag = event.value, event.tag
        if tag is None:
            return scalar(text) if event.implicit[0] else text
        if tag in ("!", _TAG + "str", _TAG + "timestamp", _TAG + "binary"):
            return text
        if tag in (_TAG + "int", _TAG + "float", _TAG + "bool", _TAG + "null"):
            return scalar(text)
        raise _refuse("unreadable-file", f"The tag {tag} is not one that a design may use.", event)

    def _key(self, key: Any, event: Any) -> None:
        top = self._stack[-1]
        if key is not _MERGE and key in top.value:
            raise _refuse("duplicate-key", f"The key {key!r} is in this mapping twice.", event)
        top.key, top.has_key = key, True

    def _open(self, value: Any, event: Any, *, mapping: bool) -> None:
        if self._stack and self._stack[-1].mapping and not self._stack[-1].has_key:
            raise _refuse("unreadable-file", "A key is a mapping or a list; only text can be a key.", event)
        if len(self._stack) >= MAX_DEPTH:
            raise _refuse("too-deep", f"The file is nested more than {MAX_DEPTH} levels deep.", event)
        if event.tag not in (None, "!", _TAG + "map", _TAG + "seq", _TAG + "omap"):
            raise _refuse("unreadable-file", f"The tag {event.tag} is not one that a design may use.", event)
        if event.anchor:
            self._anchors.pop(event.anchor, None)  # not yet usable: an alias inside its own anchor has no end
        self._stack.append(_Open(value, mapping, event.start_mark, event.anchor))

    def _close(self) -> None:
        done = self._stack.pop()
        if done.merged:
            done.value = _merge(done.merged, done.value)
        if done.anchor:
            self._anchors[done.anchor] = _Anchored(done.value, None, done.size, done.height)
        self._add(done.value, done.size, done.height, done)

    def _alias(self, event: Any) -> None:
        target = self._anchors.get(event.anchor)
        if target is None:
            raise _refuse("unreadable-file", f"The alias *{event.anchor} has no finished anchor before it.", event)
        if self._stack and self._stack[-1].mapping and not self._stack[-1].has_key:
            if target.text is None:
                raise _refuse("unreadable-file", "A key is a mapping or a list; only text can be a key.", event)
            self._key(target.text, event)
            return
        self._aliased += target.size
        if self._aliased > MAX_ALIASED:
            raise _refuse("too-large", f"The aliases expand to more than {MAX_ALIASED:,} nodes.", event)
        if len(self._stack) + target.height > MAX_DEPTH:
            raise _refuse("too-deep", f"The aliases nest more than {MAX_DEPTH} levels deep.", event)
        self._add(target.value, target.size, target.height, event)

    def _add(self, value: Any, size: int, height: int, event: Any) -> None:
        if not self._stack:
            self.root = value
            return
        top = self._stack[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if not top.mapping:
            top.value.append(value)
            return
        if top.key is _MERGE:
            parts = value if isinstance(value, list) else [value]
            if not all(isinstance(part, dict) for part in parts):
                raise _refuse("unreadable-file", "The merge key << takes a mapping or a list of mappings.", event)
            top.merged = [*(top.merged or ()), *parts]
        else:
            top.value[top.key] = value
        top.has_key = False


def _merge(merged: list[dict[str, Any]], own: dict[str, Any]) -> dict[str, Any]:
    """Earlier mappings win over later ones, and the mapping's own keys over all (https://yaml.org/type/merge.html)."""
    result: dict[str, Any] = {}
    for part in reversed(merged):
        result.update(part)
    result.update(own)
    return result


def _refuse(rule: str, message: str, at: Any) -> Unreadable:
    mark = at.mark if isinstance(at, _Open) else at.start_mark
    return Unreadable(rule, message, mark.line + 1, mark.column + 1)
