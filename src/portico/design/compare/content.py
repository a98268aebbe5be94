"""Media types of bodies and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from portico.design.compare import encodings
from portico.design.compare.phrases import cut
from portico.design.compare.scope import Scope
from portico.design.compare.wording import reword
from portico.design.model import Definitions, Direction, Media, Schema

_BINARY = {"type": "string", "format": "binary"}
_OF_TEXT = ("json", "xml", "yaml", "text/", "form", "multipart/", "jsonl", "*/*")

Content = Mapping[str, Media]


def compare(scope: Scope, old: Content, new: Content, direction: Direction) -> None:
    """Note what changed of the media types of one body or answer."""
    for kind, media in old.items():
        found = _match(kind, new)
        if found is None:
            scope.say(f"{direction.value}-media-type-removed", f"{cut(kind)} is not a media type any more.")
        else:
            here = scope if kind == next(iter(old)) else scope.inside(f"({cut(kind)})")
            _media(here, media, found, direction)
    for kind in _added(old, new):
        scope.say(f"{direction.value}-media-type-added", f"{cut(kind)} is a new media type.")


def _match(kind: str, content: Content) -> Media | None:
    """The media type itself, or the range that it is in."""
    if kind in content:
        return content[kind]
    return next((media for other, media in content.items() if _covers(other, kind)), None)


def _covers(one: str, other: str) -> bool:
    return "*" in one and fnmatchcase(other, one.replace("[", "[[]"))


def _added(old: Content, new: Content) -> Iterator[str]:
    return (kind for kind in new if kind not in old and not any(_covers(other, kind) for other in old))


def _media(scope: Scope, old: Media, new: Media, direction: Direction) -> None:
    reword(scope, old, new, "examples")
    if direction is Direction.REQUEST:
        encodings.compare(scope, old, new)
    scope.schema(_schema(scope, 0, old), _schema(scope, 1, new), direction)
    if old.item_schema is not None or new.item_schema is not None:
        scope.inside("item").schema(old.item_schema, new.item_schema, direction)


def _schema(scope: Scope, index: int, media: Media) -> Schema | None:
    """The schema; bytes where nothing is said of a media type that is no text: OpenAPI 3.1 writes a file so."""
    if any(word in media.media_type for word in _OF_TEXT) or media.item_schema is not None:
        return media.schema
    side = scope.pairs.new if index else scope.pairs.old
    view = side.views.of(media.schema.node) if media.schema is not None else None
    if view is not None and (view.choices or view.node.get("type") not in (None, "string") or "format" in view.node):
        return media.schema
    at = media.schema.location if media.schema is not None else None
    return Schema(_BINARY, Definitions({}), at)
