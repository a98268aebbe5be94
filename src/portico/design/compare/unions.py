"""`oneOf` and `anyOf`: which members come and go, and what changes in those that stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from portico.design.compare import discriminators
from portico.design.compare.constraints import opaque
from portico.design.compare.kinds import types
from portico.design.compare.pairs import Pair
from portico.design.compare.phrases import cut
from portico.design.compare.views import Node, View, name_of
from portico.design.model import Direction

Members = list[Node]


class Key(Protocol):
    """What two members share that are the same; None: nothing."""

    def __call__(self, pair: Pair, index: int, member: Node) -> object: ...  # noqa: D102


def compare(pair: Pair) -> bool:
    """Note what changed of the unions of two schemas. Whether there is more to compare than these."""
    old, new = pair.views
    if len(old.choices) != len(new.choices):
        return _uneven(pair, old, new)
    for was, comes in zip(old.choices, new.choices, strict=True):
        _members(pair, was, comes)
    discriminators.compare(pair, old.node.get("discriminator"), new.node.get("discriminator"))
    return True


def _uneven(pair: Pair, old: View, new: View) -> bool:
    """A plain schema became a union, or the other way round, or one is there beside other keywords."""
    if len(old.choices) + len(new.choices) == 1 and old.is_bare and new.is_bare:
        pair.say(f"*-type-{'narrowed' if new.choices else 'widened'}", f"oneOf or anyOf is {_said(new)}.")
    elif not old.choices and len(new.choices) == 1 and new.is_bare:
        _members(pair, [pair.uses[0]], new.choices[0], was_plain=True)
    elif not new.choices and len(old.choices) == 1 and old.is_bare:
        _members(pair, old.choices[0], [pair.uses[1]])
    else:
        way = opaque(len(old.choices) > len(new.choices), len(new.choices) > len(old.choices))
        pair.say(f"*-constraint-{way}", "oneOf or anyOf beside the other keywords is another.")
        return True
    return False


def _said(view: View) -> str:
    return "said now" if view.choices else "not said any more"


def _members(pair: Pair, old: Members, new: Members, *, was_plain: bool = False) -> None:
    kept, gone, come = _matched(pair, old, new)
    for was, comes in kept:
        pair.link(_step(was), was, comes)
    for member in gone:
        pair.say("*-union-member-removed", f"{_title(pair, 0, member)} is not a member any more.", old=member)
    for member in come:
        if was_plain and pair.direction is Direction.RESPONSE:
            pair.say("response-became-union", f"The value can be {_title(pair, 1, member)} as well.", new=member)
        else:
            pair.say("*-union-member-added", f"{_title(pair, 1, member)} is a new member.", new=member)


def _step(member: Node) -> str:
    name = name_of(member)
    return f" ({cut(name)})" if name is not None else ""


def _title(pair: Pair, index: int, member: Node) -> str:
    """What a member is called in a sentence."""
    name = name_of(member) or _titled(pair, index, member)
    if isinstance(name, str) and name:
        return cut(name)
    known = types(pair.side(index).views.of(member))
    return f"A schema ({' or '.join(sorted(known)) if known else 'any'})"


def _matched(pair: Pair, old: Members, new: Members) -> tuple[list[tuple[Node, Node]], Members, Members]:
    """Members by the name of what they refer to, else equal ones, else by title, properties, type, or the last left."""
    kept: list[tuple[Node, Node]] = []
    gone, come = list(old), list(new)
    for key in (_name, _text, _titled, _shape, _types):
        keep = list(_by(pair, key, gone, come))
        kept += [(gone[was], come[comes]) for was, comes in keep]
        gone = [member for index, member in enumerate(gone) if index not in {was for was, _ in keep}]
        come = [member for index, member in enumerate(come) if index not in {comes for _, comes in keep}]
    if len(gone) == len(come) == 1 and _one_is_unnamed_or_lost(pair, gone[0], come[0]):
        kept.append((gone.pop(), come.pop()))
    return kept, gone, come


def _by(pair: Pair, key: Key, old: Members, new: Members) -> Iterator[tuple[int, int]]:
    waiting: dict[object, list[int]] = {}
    for index, member in enumerate(new):
        waiting.setdefault(key(pair, 1, member), []).append(index)
    waiting.pop(None, None)
    for index, member in enumerate(old):
        found = waiting.get(key(pair, 0, member))
        if found:
            yield index, found.pop(0)


def _name(pair: Pair, index: int, member: Node) -> object:
    return name_of(member)


def _text(pair: Pair, index: int, member: Node) -> object:
    return repr(member)


def _titled(pair: Pair, index: int, member: Node) -> object:
    return pair.side(index).views.of(member).node.get("title") if name_of(member) is None else None


def _shape(pair: Pair, index: int, member: Node) -> object:
    """The names of the properties of a member without a name."""
    names = frozenset(pair.side(index).views.of(member).properties)
    return names if names and name_of(member) is None else None


def _types(pair: Pair, index: int, member: Node) -> object:
    """The types of a member without a name: the next of the same types is taken for it."""
    return types(pair.side(index).views.of(member)) if name_of(member) is None else None


def _one_is_unnamed_or_lost(pair: Pair, old: Node, new: Node) -> bool:
    """Whether the last two may be the same thing: not if both are types of which each design has both."""
    was, comes = name_of(old), name_of(new)
    return was is None or comes is None or (was not in pair.pairs.new.nodes and comes not in pair.pairs.old.nodes)
