"""References between the nodes of a design, in one file and between files (RFC 3986, RFC 6901)."""

from __future__ import annotations

from urllib.parse import unquote

from portico.design.faults import Fault, FaultError
from portico.design.files import Files, Refused
from portico.design.identities import Identities
from portico.design.limits import MAX_LINKS, Unreadable
from portico.design.place import Place


class References:
    """Finds what a `$ref` stands for.

    Args:
        files: opens other files.
        identified: whether `$id` and `$anchor` name schemas: since OpenAPI 3.1.
    """

    def __init__(self, files: Files, *, identified: bool = False) -> None:
        self.files = files
        self._identities = Identities() if identified else None
        self._found: dict[tuple[str, str], Place] = {}
        self._busy: set[tuple[str, str]] = set()  # being resolved now: meeting one again is a circle

    def follow(self, place: Place) -> Place:
        """The node itself, or what its `$ref` leads to at last.

        Raises:
            FaultError: it leads to nothing, outside the project, or in a circle.
        """
        start = place
        for _ in range(MAX_LINKS):
            target = place.reference
            if target is None:
                return place
            place = self.resolve(target, place)
        raise FaultError(Fault("looping-reference", start.location, f"The reference {start.reference!r} never ends."))

    def resolve(self, target: str, place: Place) -> Place:
        """The node that a reference at `place` names.

        Raises:
            FaultError: it leads to nothing, or outside the project.
        """
        key = (self.base(place), target)
        found = self._found.get(key)
        if found is None:
            if key in self._busy:
                raise FaultError(Fault("looping-reference", place.location, f"The reference {target!r} never ends."))
            self._busy.add(key)
            try:
                found = self._found[key] = self._find(target, place, key[0])
            finally:
                self._busy.discard(key)
        return found

    def base(self, place: Place) -> str:
        """What references at a place are relative to: equal bases and equal texts mean equal targets."""
        if self._identities is None:
            return place.file
        self._identities.index(_root(place))
        return self._identities.base(place)

    def dynamic(self, target: str, place: Place) -> list[Place]:
        """The schemas that a `$dynamicRef` may mean; which of them does, only the way of validation would tell.

        Raises:
            FaultError: it leads to nothing.
        """
        first = self.resolve(target, place)
        anchor = target.rpartition("#")[2]
        candidates = self._identities.dynamic(anchor) if self._identities is not None else []
        return candidates if any(found.value is first.value for found in candidates) else [first]

    def _find(self, target: str, place: Place, base: str) -> Place:
        named = self._named(target, place, base)
        if named is not None:
            return self._walk(*named, target, place)
        file, _, fragment = target.partition("#")
        return self._walk(self._open(file, target, place), fragment, target, place)

    def _named(self, target: str, place: Place, base: str) -> tuple[Place, str] | None:
        try:
            return self._identities.find(base, target) if self._identities is not None else None
        except ValueError as error:  # urllib on an address that it cannot take apart
            raise _no_address(target, place, error) from None

    def _open(self, file: str, target: str, place: Place) -> Place:
        if not file:
            return _root(place)
        try:
            root = self.files.open(file, place.file)
        except Refused as refused:
            raise FaultError(Fault("refused-reference", place.location, str(refused))) from None
        except Unreadable as unreadable:
            raise FaultError(_unreadable(unreadable, target, place)) from None
        except ValueError as error:
            raise _no_address(target, place, error) from None
        if self._identities is not None:
            self._identities.index(root)
        return root

    def _walk(self, root: Place, fragment: str, target: str, place: Place) -> Place:
        node: Place | None = root
        if fragment and not fragment.startswith("/"):
            node = None
        for raw in fragment.split("/")[1:]:
            node = self._step(node, raw) if node is not None else None
        if node is None:
            raise FaultError(Fault("unresolved-reference", place.location, f"Nothing is named by {target!r}."))
        return node

    def _step(self, node: Place, raw: str) -> Place | None:
        """One token of a pointer; a reference on the way is followed, as people expect of `.../properties/x`."""
        for _ in range(MAX_LINKS):
            for token in (unquote(raw), raw):
                token = token.replace("~1", "/").replace("~0", "~")
                if type(node.value) is list and token.isdecimal() and len(token) < 10 and int(token) < len(node.value):
                    return node.child(int(token))
                if (found := node.get(token)) is not None:
                    return found
            if node.reference is None:
                return None
            node = self.resolve(node.reference, node)
        return None


def _root(place: Place) -> Place:
    while place.parent is not None:
        place = place.parent
    return place


def _no_address(target: str, place: Place, error: ValueError) -> FaultError:
    return FaultError(Fault("unresolved-reference", place.location, f"{target!r} is not an address: {error}."))


def _unreadable(error: Unreadable, target: str, place: Place) -> Fault:
    if error.rule != "unreadable-file":
        return Fault(error.rule, place.location, f"{target!r}: {error.message}")
    at = f" (line {error.line})" if error.line > 1 else ""
    return Fault("unresolved-reference", place.location, f"{target!r} cannot be read{at}: {error.message}")
