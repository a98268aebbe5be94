"""The scenarios: what a client is told to do, what happens to its requests, and what must have come of it."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("scenarios.yaml")
SECTIONS = ("arguments", "client", "values", "bodies", "callers", "failing", "retries", "pages", "hooks")
CAPABILITIES = ("cancel", "files", "parallel", "typed")  # what a language may lack; a scenario says what it `needs`

_KEYS = {"name", "covers", "needs", "client", "call", "steps", "server", "expect"}
_ACTIONS = ("call", "login", "logout", "parallel", "pause", "again", "text")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a client does.

    Args:
        do: as the driver is told: one of `call`, `login`, `logout`, `parallel`, `pause`, `again`, `text`.
        client: options of another client, which takes the place of the one before.
        expect: what must have come of it: `result` or `error`; nothing: no error.
    """

    do: Mapping[str, Any]
    client: Mapping[str, Any] | None
    expect: Mapping[str, Any]

    @property
    def action(self) -> str:
        """What kind of thing it is."""
        return next(name for name in _ACTIONS if name in self.do)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of the matrix."""

    name: str
    covers: str
    client: Mapping[str, Any]
    steps: tuple[Step, ...]
    server: tuple[Mapping[str, Any], ...] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its name in the output of tests."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the same, and twenty times as fast
    """YAML whose numbers keep their digits."""


Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(node.value))


def load(path: Path = FILE) -> tuple[Scenario, ...]:
    """All scenarios, in the order of the file."""
    found = tuple(_scenario(one) for one in yaml.load(path.read_text(encoding="utf-8"), Loader))  # noqa: S506
    names = [one.name for one in found]
    assert len(set(names)) == len(names), "two scenarios have one name"
    return found


def _scenario(one: Mapping[str, Any]) -> Scenario:
    assert not one.keys() - _KEYS, f"{one.get('name')}: {one.keys() - _KEYS}"
    assert one["covers"] in SECTIONS, one["name"]
    assert set(one.get("needs", ())) <= set(CAPABILITIES), one["name"]
    expect = dict(one.get("expect", {}))
    if "call" in one:
        of_call = {key: expect.pop(key) for key in ("result", "error") if key in expect}
        steps = [{"call": one["call"], "expect": of_call}]
    else:
        steps = one["steps"]
    return Scenario(
        one["name"],
        one["covers"],
        one.get("client", {}),
        tuple(Step({k: v for k, v in s.items() if k in _ACTIONS}, s.get("client"), s.get("expect", {})) for s in steps),
        tuple(one.get("server", ())),
        expect,
        tuple(one.get("needs", ())),
    )


# ----------------------------------------------------------------------- fitting


def misfit(expected: Any, actual: Any, at: str = "") -> str | None:
    """What of a value is not as expected; None where it is.

    Mappings and lists must be equal, but for those that say what a value is like: `{matches: REGULAR EXPRESSION}`
    (all of a text), `{says: REGULAR EXPRESSION}` (something in it), `{any: true}`, `{absent: true}`,
    `{from: 1, to: 2}`, `{count: 3}`, `{has: {...}}` (these members, and others).

    Args:
        expected: as scenarios write it.
        actual: what was there; None of what was not.
        at: the way to the value.
    """
    if isinstance(expected, Mapping):
        if len(expected) <= 2 and (like := _LIKE.get(next(iter(expected), ""))) is not None:
            return None if like(expected, actual) else f"{at}: {_shown(actual)} is not {dict(expected)}"
        if expected.keys() == {"has"}:
            return has_misfit(expected["has"], actual, at)
        if not isinstance(actual, Mapping):
            return f"{at}: {_shown(actual)} is not {_shown(expected)}"
        odd = sorted(actual.keys() ^ expected.keys())
        return f"{at}: {odd} in only one of {_shown(actual)} and {_shown(expected)}" if odd else _parts(
            [(f"{at}/{key}", value, actual[key]) for key, value in expected.items()]
        )  # fmt: skip
    if isinstance(expected, list):
        if not isinstance(actual, Sequence) or isinstance(actual, str) or len(actual) != len(expected):
            return f"{at}: {_shown(actual)} is not {_shown(expected)}"
        return _parts([(f"{at}/{n}", *pair) for n, pair in enumerate(zip(expected, actual, strict=True))])
    same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    return None if same else f"{at}: {_shown(actual)} is not {_shown(expected)}"


def has_misfit(expected: Mapping[str, Any], actual: Any, at: str = "") -> str | None:
    """The same for a mapping that may have more members."""
    if not isinstance(actual, Mapping):
        return f"{at}: {_shown(actual)} has none of {_shown(expected)}"
    for key, value in expected.items():
        inner = value if not isinstance(value, Mapping) or key != "problem" else {"has": value}
        if (wrong := misfit(inner, actual.get(key), f"{at}/{key}")) is not None:
            return wrong
    return None


def _parts(parts: Sequence[tuple[str, Any, Any]]) -> str | None:
    return next((wrong for at, e, a in parts if (wrong := misfit(e, a, at)) is not None), None)


_LIKE: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "matches": lambda e, a: isinstance(a, str) and re.fullmatch(e["matches"], a) is not None,
    "says": lambda e, a: isinstance(a, str) and re.search(e["says"], a) is not None,
    "any": lambda e, a: a is not None,
    "absent": lambda e, a: a is None,
    "from": lambda e, a: e["from"] <= (len(a) if isinstance(a, Sequence) else a) <= e["to"] if a is not None else False,
    "count": lambda e, a: isinstance(a, Sequence) and len(a) == e["count"],
}


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) < 1_000 else f"{text[:1_000]}..."


def filled(value: Any, words: Mapping[str, Any]) -> Any:
    """A value in which `$word` stands for something of this run: alone for anything, inside a text for a text."""
    if isinstance(value, str):
        if value.startswith("$") and value[1:] in words:
            return words[value[1:]]
        return re.sub(r"\$([a-z_]+)", lambda m: str(words.get(m[1], m[0])), value)
    if isinstance(value, Mapping):
        return {key: filled(one, words) for key, one in value.items()}
    return [filled(one, words) for one in value] if isinstance(value, list) else value


def form(text: str) -> list[list[str]]:
    """The fields of a form that was sent."""
    return [list(pair) for pair in urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))]
