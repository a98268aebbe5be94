"""References between the nodes of a design, in one file and between files (RFC 3986, RFC 6901)."""

from __future__ import annotations

from urllib.parse import unquote

from portico.design.faults import Fault, FaultError
from portico.design.files import Files, Refused
from portico.design.limits import MAX_LINKS, Unreadable
from portico.design.place import Place


class References:
    """Finds what a `$ref` stands for."""

    def __init__(self, files: Files) -> None:
        self.files = files
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
        key = (place.file, target)
        found = self._found.get(key)
        if found is None:
            if key in self._busy:
                raise FaultError(Fault("looping-reference", place.location, f"The reference {target!r} never ends."))
            self._busy.add(key)
            try:
                found = self._found[key] = self._find(target, place)
            finally:
                self._busy.discard(key)
        return found

    def _find(self, target: str, place: Place) -> Place:
        file, _, fragment = target.partition("#")
        try:
            root = self.files.open(file, place.file) if file else self._root(place)
        except Refused as refused:
            raise FaultError(Fault("refused-reference", place.location, str(refused))) from None
        except Unreadable as unreadable:
            raise FaultError(self._unreadable(unreadable, target, place)) from None
        except ValueError as error:  # urllib on an address it cannot take apart
            raise FaultError(
                Fault("unresolved-reference", place.location, f"{target!r} is not an address: {error}.")
            ) from None
        return self._walk(root, fragment, target, place)

    def _unreadable(self, error: Unreadable, target: str, place: Place) -> Fault:
        if error.rule == "unreadable-file":
            at = f" (line {error.line})" if error.line > 1 else ""
            return Fault("unresolved-reference", place.location, f"{target!r} cannot be read{at}: {error.message}")
        return Fault(error.rule, place.location, f"{target!r}: {error.message}")

    def _root(self, place: Place) -> Place:
        while place.parent is not None:
            place = place.parent
        return place

    def _walk(self, root: Place, fragment: str, target: str, place: Place) -> Place:
        if fragment and not fragment.startswith("/"):
            raise FaultError(Fault("unresolved-reference", place.location, f"Nothing is named by {target!r}."))
        node = root
        for raw in fragment.split("/")[1:]:
            step = self._step(node, raw)
            if step is None:
                raise FaultError(Fault("unresolved-reference", place.location, f"Nothing is named by {target!r}."))
            node = step
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
