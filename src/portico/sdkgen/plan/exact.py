"""Which answers hold numbers that a double cannot: they must be read with care."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portico.sdkgen.plan.model import (
    Alias,
    Answer,
    Declared,
    ListOf,
    MapOf,
    Named,
    Nullable,
    Record,
    Scalar,
    TypeRef,
    Union,
)
from portico.sdkgen.plan.types import Types


class Exact:
    """Looks through types, each once.

    Args:
        types: all types; they may grow meanwhile.
    """

    def __init__(self, types: Types) -> None:
        self._types = types
        self._known: dict[str, bool] = {}

    def in_answers(self, answers: Iterable[Answer]) -> bool:
        """Whether some answer holds a decimal, or a whole number of 64 bits."""
        return any(self._holds(content.type) for answer in answers for content in answer.contents)

    def _holds(self, ref: TypeRef) -> bool:
        waiting: list[TypeRef] = [ref]
        met: set[str] = set()
        while waiting:
            one = waiting.pop()
            if isinstance(one, Scalar) and one.kind in ("decimal", "int64") and not one.text:
                self._known.update(dict.fromkeys(self._roots(ref), True))
                return True
            if isinstance(one, Named):
                if self._known.get(one.key):
                    return True
                if one.key not in met and self._known.get(one.key) is None:
                    met.add(one.key)
                    waiting.extend(parts(self._types.declared[one.key]))
            else:
                waiting.extend(inside(one))
        self._known.update(dict.fromkeys(met, False))
        return False

    def _roots(self, ref: TypeRef) -> Iterator[str]:
        if isinstance(ref, Named):
            yield ref.key


def inside(ref: TypeRef) -> Iterator[TypeRef]:
    """The types directly inside a type."""
    if isinstance(ref, ListOf):
        yield ref.item
    elif isinstance(ref, MapOf):
        yield ref.value
    elif isinstance(ref, Nullable):
        yield ref.inner


def parts(declared: Declared) -> Iterator[TypeRef]:
    """The types directly inside a declared one."""
    if isinstance(declared, Record):
        yield from (field.type for field in declared.fields)
        if declared.additional is not None:
            yield declared.additional
    elif isinstance(declared, Union):
        yield from declared.members
    elif isinstance(declared, Alias):
        yield declared.type
