"""From what was noted to changes: each told once, at its first place, with all operations that it is part of."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from portico.design.compare.change import Change
from portico.design.compare.pairs import Found, Pair
from portico.design.compare.phrases import cut
from portico.design.compare.rules import RULES, Effect
from portico.design.compare.scope import Noted
from portico.design.model import Location

_PLACE = 240  # characters
_ORDER: dict[Effect, int] = {"breaking": 0, "compatible": 1, "cosmetic": 2}
_BY_TEXT = ("security-",)  # the same for many operations, and written once in the document


@dataclass(slots=True)
class _Gathered:
    """One change, and where it is met."""

    rule: str
    text: str
    place: str
    old: Location | None
    new: Location | None
    operations: dict[str, None] = field(default_factory=dict)  # ids, in their order


def gather(noted: Sequence[Noted]) -> tuple[Change, ...]:
    """The changes, breaking ones first."""
    gathered: dict[object, _Gathered] = {}
    leading = _leading([note.pair for note in noted if note.pair is not None])
    for note in noted:
        for step, found in _found(note, leading):
            key = _key(found, step)
            place = f"{note.place} {step}".strip() if step else note.place
            one = gathered.setdefault(key, _Gathered(found.rule, found.text, place, found.old, found.new))
            if note.operation is not None:
                one.operations[note.operation] = None
    changes = [_change(one) for one in gathered.values()]
    return tuple(sorted(changes, key=lambda change: _ORDER[change.severity]))


def _key(found: Found, step: str) -> object:
    if found.rule.startswith(_BY_TEXT):
        return found.rule, found.text
    return found.rule, found.text, found.exact, step.rpartition("/")[2]


def _change(one: _Gathered) -> Change:
    operations = tuple(one.operations)
    others = len(operations) - 1
    more = f" and {others:,} other operation{'s' if others > 1 else ''}" if others > 0 else ""
    return Change(
        severity=RULES[one.rule].severity,
        rule=one.rule,
        operation=operations[0] if operations else None,
        place=cut(one.place, _PLACE) + more,
        text=one.text,
        old=one.old,
        new=one.new,
        operations=operations,
    )


def _found(note: Noted, leading: set[Pair]) -> Iterator[tuple[str, Found]]:
    """What a note stands for: the change itself, or all in the schemas that its pair leads to, closest first."""
    if note.pair is None:
        yield "", Found(note.rule, note.text, "", note.old, note.new, (note.old, note.new))
        return
    waiting, met = deque([("", note.pair)]), {note.pair}
    while waiting:
        way, pair = waiting.popleft()
        for found in pair.found:
            yield way + found.step, found
        for step, inner in pair.links:
            if inner in leading and inner not in met:
                met.add(inner)
                waiting.append((way + step, inner))


def _leading(sites: Sequence[Pair]) -> set[Pair]:
    """The pairs in which, or inside which, something changed."""
    users: dict[Pair, list[Pair]] = {}
    waiting, met = list(sites), set(sites)
    while waiting:
        pair = waiting.pop()
        for _, inner in pair.links:
            users.setdefault(inner, []).append(pair)
            if inner not in met:
                met.add(inner)
                waiting.append(inner)
    leading = {pair for pair in met if pair.found}
    waiting = list(leading)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in leading:
                leading.add(user)
                waiting.append(user)
    return leading
