"""Schemas that have names of their own: `$id`, `$anchor`, `$dynamicAnchor` (JSON Schema 2020-12, 8.2) and `$self`."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin

from portico.design.place import Place

_VALUES = frozenset(("enum", "const", "default", "example", "examples", "value"))
_FILES = "portico-file:///"  # the base of a file that has no address: only to join relative references


class Identities:
    """The named schemas of all files that were opened."""

    def __init__(self) -> None:
        self._resources: dict[str, Place] = {}
        self._anchors: dict[tuple[str, str], Place] = {}
        self._dynamic: dict[str, list[Place]] = {}
        self._known: dict[str, bool] = {}  # file -> whether anything in it has a name

    def index(self, root: Place) -> None:
        """Note what is named in a file, once."""
        if root.file in self._known:
            return
        self._known[root.file] = False
        own = root.value.get("$self") if type(root.value) is dict else None
        start = _file_base(root.file)
        if isinstance(own, str):
            start = urljoin(start, own)
            self._resources[urldefrag(start).url] = root
            self._known[root.file] = True
        waiting = [(root, start)]
        while waiting:
            place, base = waiting.pop()
            if type(place.value) is dict:
                base = self._note(place, base)
                waiting.extend(
                    (member, base)
                    for key, member in place.members()
                    if key not in _VALUES and type(member.value) in (dict, list)
                )
            else:
                waiting.extend((item, base) for item in place.items() if type(item.value) in (dict, list))

    def _note(self, place: Place, base: str) -> str:
        node = place.value
        identity = node.get("$id")
        if isinstance(identity, str):
            base = urldefrag(_join(base, identity)).url
            self._resources[base] = place
            self._known[place.file] = True
        for key in ("$anchor", "$dynamicAnchor"):
            anchor = node.get(key)
            if isinstance(anchor, str):
                self._anchors[base, anchor] = place
                self._known[place.file] = True
                if key == "$dynamicAnchor":
                    self._dynamic.setdefault(anchor, []).append(place)
        return base

    def base(self, place: Place) -> str:
        """What a reference at a place is relative to: the file, or the closest `$id` above."""
        if not self._known.get(place.file):
            return place.file
        identities = []
        node: Place | None = place
        root = place
        while node is not None:
            identity = node.value.get("$id") if type(node.value) is dict else None
            if isinstance(identity, str):
                identities.append(identity)
            root, node = node, node.parent
        own = root.value.get("$self") if type(root.value) is dict else None
        if not identities and not isinstance(own, str):
            return place.file
        base = _join(_file_base(place.file), own if isinstance(own, str) else "")
        for identity in reversed(identities):
            base = _join(base, identity)
        return base

    def find(self, base: str, target: str) -> tuple[Place, str] | None:
        """The named schema that a reference leads to, and the rest of the way: a pointer, or "".

        Args:
            base: from `base`.
            target: the reference, with its fragment.
        """
        start = base if "://" in base or base.startswith(_FILES) else _file_base(base)
        address, fragment = urldefrag(_join(start, target))
        if fragment and not fragment.startswith("/"):
            anchored = self._anchors.get((address, fragment))
            return None if anchored is None else (anchored, "")
        resource = self._resources.get(address)
        return None if resource is None else (resource, fragment)

    def dynamic(self, anchor: str) -> list[Place]:
        """All schemas that a `$dynamicRef` may mean."""
        return self._dynamic.get(anchor, [])


def _file_base(file: str) -> str:
    return file if "://" in file else _FILES + file


def _join(base: str, target: str) -> str:
    """urljoin knows no relative references under schemes that it does not know, such as `urn` and ours."""
    if base.startswith(_FILES):
        joined = urljoin("https://file/" + base[len(_FILES) :], target)
        return joined.replace("https://file/", _FILES, 1) if "://" not in target else joined
    return urljoin(base, target) if not target.startswith("#") else urldefrag(base).url + target
