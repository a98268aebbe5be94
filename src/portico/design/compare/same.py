"""Which schemas are the same in both designs, with all that they refer to: nothing in them needs a look."""

from __future__ import annotations

from portico.design.compare.side import Side
from portico.design.compare.views import Node
from portico.design.model import references


class Same:
    """Knows the named schemas that differ, themselves or in what they reach.

    Args:
        old: the design before.
        new: the design after.
    """

    def __init__(self, old: Side, new: Side) -> None:
        names = old.nodes.keys() | new.nodes.keys()
        self._differing = {name for name in names if not _equal(old.nodes.get(name), new.nodes.get(name))}
        self._spread(old)

    def _spread(self, old: Side) -> None:
        users: dict[str, list[str]] = {}
        for name, node in old.nodes.items():
            for used in references(node):
                users.setdefault(used, []).append(name)
        waiting = list(self._differing)
        while waiting:
            for user in users.get(waiting.pop(), ()):
                if user not in self._differing:
                    self._differing.add(user)
                    waiting.append(user)

    def __call__(self, old: Node, new: Node) -> bool:
        """Whether two schemas say the same, words included."""
        return _equal(old, new) and self._differing.isdisjoint(references(old))


def _equal(old: Node | None, new: Node | None) -> bool:
    """Equal in JSON: to Python, true is 1."""
    return old is new or (old == new and repr(old) == repr(new))
