"""Taking secrets out of what is logged: the second line of defence, behind not logging them in the first place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"
DEEPEST = 8  # levels of a logged value that are looked through; what lies deeper is hidden

_NAMES = re.compile(
    r"authorization|cookie|passw(or)?d|passphrase|secret|token|credential|api[-_]?key|private[-_]?key|signature|session",
    re.IGNORECASE,
)
_VALUES = (
    # "Bearer abc": the credentials of RFC 9110, section 11.4
    (re.compile(r"\b(bearer|basic|digest|dpop)\s+[\w.~+/=:-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # a JWT without its scheme (RFC 7519): the encoded header always starts with {"
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(\.[\w-]*)*"), HIDDEN),
    # Authorization: x, password=x, "token": "x", ?access_token=x
    (
        re.compile(
            r"(?P<name>[\w-]*(?:authorization|cookie|passw(?:or)?d|secret|token|api[-_]?key|signature)[\"']?\s*[=:]\s*)"
            r"(?P<value>\"[^\"]*\"|'[^']*'|(?!\[hidden])[^\s&,;})\]]+)",
            re.IGNORECASE,
        ),
        rf"\g<name>{HIDDEN}",
    ),
    # https://user:password@host
    (re.compile(r"(\w+://)[^/\s:@]+:[^/\s@]+@"), rf"\1{HIDDEN}@"),
)


def scrub(value: Any, *, depth: int = 0) -> Any:
    """The same value with what looks like a secret replaced.

    Args:
        value: anything; what JSON does not know becomes its representation, because that may quote a secret too.
        depth: how deep in the logged value this one lies.
    """
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset) and depth >= DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if isinstance(name, str) and _NAMES.search(name) and part else scrub(part, depth=depth + 1)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub(part, depth=depth + 1) for part in value]
    return value if value is None or isinstance(value, bool | int | float) else scrub_text(repr(value))


def scrub_text(text: str) -> str:
    """A message or a trace with what looks like a secret replaced."""
    for pattern, replacement in _VALUES:
        text = pattern.sub(replacement, text)
    return text
