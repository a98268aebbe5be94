"""A value as XML, named as the document's `xml` members say (OpenAPI 3.2, XML Object)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from portico.design.model import Json, Schema

_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def document(value: Json, schema: Schema | None) -> bytes:
    """A whole document.

    Args:
        value: what to write.
        schema: what the document says about it.
    """
    name = (schema.reference if schema is not None else None) or "root"
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_element(name, value, schema)) + "\n").encode()


def _element(name: str, value: Json, schema: Schema | None) -> Iterator[str]:
    about = _about(schema)
    name = _tag(str(about.get("name") or name))
    if isinstance(value, list):
        items = schema.items if schema is not None else None
        inner = [part for item in value for part in _element(name, item, items)]
        yield from (f"<{name}>", *inner, f"</{name}>") if about.get("wrapped") or not value else inner
        return
    properties = schema.properties if schema is not None else {}
    members = value if isinstance(value, dict) else {}
    attributes = {key: member for key, member in members.items() if _about(properties.get(key)).get("attribute")}
    written = "".join(f" {_tag(key)}={quoteattr(_text(member))}" for key, member in attributes.items())
    yield f"<{name}{written}>"
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in attributes:
                yield from _element(key, member, properties.get(key))
    else:
        yield escape(_text(value))
    yield f"</{name}>"


def _about(schema: Schema | None) -> Mapping[str, Any]:
    found = schema.get("xml") if schema is not None else None
    return found if isinstance(found, Mapping) else {}


def _tag(name: str) -> str:
    return name if _NAME.fullmatch(name) else "_" + re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)


def _text(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return _FORBIDDEN.sub("", str(value))
