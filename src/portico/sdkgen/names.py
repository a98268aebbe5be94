"""The names of one SDK: idiomatic, free of collisions, and the same for ever.

A name is recorded by the key of what it names. What was named before keeps its name whatever joins it later; what is
new gets the name that it wishes for, or the next that is free. Names of what has gone stay taken: nobody's old
program shall mean something else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

Recorded = Mapping[str, Mapping[str, str]]  # scope -> key -> name


def _numbered(wish: str, count: int) -> str:
    return f"{wish}_{count}"


@dataclass(slots=True)
class Names:
    """The names of one package.

    Args:
        recorded: what an earlier generation called things; taken from the manifest.
    """

    recorded: Recorded = field(default_factory=dict)
    _scopes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._scopes = {scope: dict(names) for scope, names in self.recorded.items()}

    def scope(
        self,
        scope: str,
        wishes: Iterable[tuple[str, str]],
        *,
        reserved: Collection[str] = (),
        valid: Callable[[str], bool] = str.isidentifier,
        free: Callable[[str, int], str] = _numbered,
        same: Callable[[str], str] = str,
    ) -> dict[str, str]:
        """Name everything of one scope: the types of a package, the fields of one type.

        Args:
            scope: names the scope, the same in every generation: "types", "fields Product".
            wishes: key and idiomatic name of each thing, in any order; keys differ from one another.
            reserved: names that nothing may have.
            valid: whether a recorded name can be one; the record is a file that people can edit.
            free: makes the next name of a wish that is taken, from the wish and a count from 2.
            same: two names with the same result collide, such as `str.lower`.
        """
        mine = self._scopes.setdefault(scope, {})
        forbidden = {same(name) for name in reserved}
        taken = set(forbidden)
        for key, name in sorted(mine.items()):
            if same(name) in taken or not valid(name):
                del mine[key]
            taken.add(same(name))
        found: dict[str, str] = {}
        for key, wish in sorted(wishes, key=lambda one: (one[0] != one[1], one)):  # who is called so comes first
            if key not in mine:
                mine[key] = _first_free(wish, taken, free, same)
                taken.add(same(mine[key]))
            found[key] = mine[key]
        if not mine:
            del self._scopes[scope]
        return found

    def record(self) -> dict[str, dict[str, str]]:
        """All names, to be recorded."""
        return {scope: dict(sorted(names.items())) for scope, names in sorted(self._scopes.items())}


def _first_free(wish: str, taken: set[str], free: Callable[[str, int], str], same: Callable[[str], str]) -> str:
    name, count = wish, 1
    while same(name) in taken:
        count += 1
        name = free(wish, count)
    return name
