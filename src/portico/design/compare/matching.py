"""Which operations of two designs are the same one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from portico.design.model import Api, Operation
from portico.design.paths import template


@dataclass(slots=True)
class Matched:
    """The operations of two designs."""

    kept: list[tuple[Operation, Operation]] = field(default_factory=list)  # in the old design's order
    gone: list[Operation] = field(default_factory=list)
    come: list[Operation] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)  # the ids (as objects) of the old ones with another method or path
    by_relative_path: bool = False  # some have the same path below another base path


def match(old: Api, new: Api) -> Matched:
    """Pair the operations: by their whole path, by the path below the base path, by the operationId that they declare.

    Args:
        old: the design before.
        new: the design after.
    """
    result = Matched(gone=list(old.operations), come=list(new.operations))
    _take(result, _exactly(old), _exactly(new))
    _take(result, _shaped(old), _shaped(new))
    whole = len(result.kept)
    _take(result, _relative, _relative)
    result.by_relative_path = len(result.kept) > whole
    found = len(result.kept)
    _take(result, _declared, _declared)
    result.moved = {id(old) for old, _ in result.kept[found:]}
    order = {id(operation): number for number, operation in enumerate(old.operations)}
    result.kept.sort(key=lambda pair: order[id(pair[0])])
    return result


Key = Callable[[Operation], tuple[str, str] | None]


def _exactly(api: Api) -> Key:
    return lambda one: (one.method, api.base_path + one.path)


def _shaped(api: Api) -> Key:
    return lambda one: (one.method, template(api.base_path + one.path))


def _relative(one: Operation) -> tuple[str, str]:
    return one.method, template(one.path)


def _declared(one: Operation) -> tuple[str, str] | None:
    return ("", one.declared_id) if one.declared_id else None


def _take(matched: Matched, old: Key, new: Key) -> None:
    """Pair what is left over by a key."""
    waiting = {key: one for one in reversed(matched.come) if (key := new(one)) is not None}
    pairs = list(_pairs(matched.gone, old, waiting))
    taken = {id(operation) for pair in pairs for operation in pair}
    matched.kept += pairs
    matched.gone = [one for one in matched.gone if id(one) not in taken]
    matched.come = [one for one in matched.come if id(one) not in taken]


def _pairs(
    left: list[Operation], key_of: Key, waiting: dict[tuple[str, str], Operation]
) -> Iterator[tuple[Operation, Operation]]:
    for one in left:
        key = key_of(one)
        found = waiting.pop(key, None) if key is not None else None
        if found is not None:
            yield one, found
