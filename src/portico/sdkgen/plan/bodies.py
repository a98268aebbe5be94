"""What travels as a body: media types, and how a form's properties are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from portico.design.model import Media, Schema
from portico.sdkgen.plan.model import (
    Anything,
    Binary,
    Content,
    ContentKind,
    ListOf,
    Nullable,
    Omission,
    Part,
    Record,
    Scalar,
    TypeRef,
)
from portico.sdkgen.plan.types import Hint, Types
from portico.sdkgen.untrusted import Untrusted

FORM = "application/x-www-form-urlencoded"
_LINES = ("application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines")
_EVENT = frozenset(("data", "event", "id", "retry"))  # the fields of an event (HTML standard, Server-sent events)
_ORDER: tuple[ContentKind, ...] = ("json", "form", "multipart", "text", "binary", "events", "jsonl")


def kind_of(media_type: str, schema: Schema | None) -> ContentKind:
    """How bodies of a media type are written and read.

    Args:
        media_type: lower case, without parameters; may be a range.
        schema: of the body.
    """
    if media_type in ("text/event-stream",):
        return "events"
    if media_type in _LINES:
        return "jsonl"
    if media_type == FORM:
        return "form"
    if media_type.startswith("multipart/"):
        return "multipart"
    if media_type in ("application/json", "text/json") or media_type.endswith("+json"):
        return "json"
    if media_type in ("*/*", "*", "application/*"):
        return "binary" if schema is None or schema.get("format") == "binary" else "json"
    if media_type.startswith("text/") or media_type.endswith(("/xml", "+xml", "/yaml", "/javascript")):
        return "text"
    return "binary"


def contents(found: Mapping[str, Media], types: Types, hint: Hint) -> tuple[Content, ...]:
    """The media types of a body, the one that an SDK prefers first.

    Args:
        found: by media type.
        types: that collects their types.
        hint: what to call a type without a name.
    """
    made = [_content(media, types, hint) for media in found.values()]
    return tuple(sorted(made, key=lambda one: (_ORDER.index(one.kind), one.media_type.raw != "application/json")))


def _content(media: Media, types: Types, hint: Hint) -> Content:
    kind = kind_of(media.media_type, media.schema)
    if kind in ("text", "binary"):
        _tell(media, types, hint)
        return Content(Untrusted(media.media_type), kind, Scalar("string") if kind == "text" else Binary())
    schema = media.item_schema or media.schema if kind in ("events", "jsonl") else media.schema
    if kind == "events" and media.item_schema is not None:
        schema = _data(media.item_schema)
    found: TypeRef = Anything() if schema is None else types.ref(schema.node, hint)
    if kind in ("events", "jsonl") and media.item_schema is None and isinstance(found, ListOf):
        found = found.item
    parts = tuple(_parts(media, types, found, hint)) if kind in ("form", "multipart") else ()
    return Content(Untrusted(media.media_type), kind, found, parts)


def _data(event: Schema) -> Schema:
    """What an event's data holds: the schema describes the whole event (OpenAPI 3.2, Server-Sent Events)."""
    members = event.properties
    data = members.get("data")
    if data is None or not members.keys() <= _EVENT:
        return event
    inner = data.get("contentSchema")
    return data if inner is None else data.resolved.child(inner)


def _tell(media: Media, types: Types, hint: Hint) -> None:
    """XML with a schema is a text to an SDK: say so."""
    if media.schema is not None and media.media_type.endswith(("/xml", "+xml")) and media.schema.properties:
        text = "XML is sent and read as text, without its schema."
        types.omissions.append(Omission(Untrusted(hint.wish), text))


def _parts(media: Media, types: Types, found: TypeRef, hint: Hint) -> Iterator[Part]:
    record = types.record_of(found)
    if record is None:
        text = f"The {media.media_type} body is no object with named properties: give it as a mapping."
        types.omissions.append(Omission(Untrusted(hint.wish), _plain(text)))
        return
    for field in record.fields:
        encoding = media.encoding.get(field.key.raw)
        bare = field.type.inner if isinstance(field.type, Nullable) else field.type
        item = bare.item if isinstance(bare, ListOf) else bare
        content_type = encoding.content_type if encoding is not None else None
        yield Part(
            name=field.key,
            type=field.type,
            file=item == Binary(),
            repeated=isinstance(bare, ListOf),
            content_type=Untrusted(content_type) if content_type else None,
            style=encoding.style if encoding is not None else None,
            explode=encoding.explode if encoding is not None else None,
            headers=tuple(map(Untrusted, encoding.headers)) if encoding is not None else (),
        )


def _plain(text: str) -> str:
    """Our own words with a media type in them: only characters that a media type has."""
    return "".join(letter for letter in text if letter.isalnum() or letter in " /+.-:,*")


def spread(found: Iterable[Content], types: Types, taken: Iterable[str]) -> str | None:
    """The record whose fields can be arguments of the operation: the body's, if no name meets a parameter's.

    Args:
        found: the body's media types.
        types: all types.
        taken: names of the parameters.
    """
    first = next(iter(found), None)
    if first is None or first.kind not in ("json", "form", "multipart"):
        return None
    record: Record | None = types.record_of(first.type)
    if record is None or not record.fields:
        return None
    names = {_comparable(name) for name in taken}
    return None if any(_comparable(field.key.raw) in names for field in record.fields) else record.key


def _comparable(name: str) -> str:
    """Names that become the same in some language are the same."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
