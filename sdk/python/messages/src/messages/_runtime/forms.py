"""Forms: `application/x-www-form-urlencoded` (WHATWG URL, section 5) and `multipart/form-data` (RFC 7578)."""

from __future__ import annotations

import mimetypes
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import jsontext, payload, style
from .absent import ABSENT
from .codec import Codecs, Write, plain
from .errors import BadArgument
from .model import Model
from .payload import Body, File

_QUOTED = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}  # as browsers have it (WHATWG HTML, multipart)


class Part(NamedTuple):
    """How one property of a form is written."""

    name: str  # on the wire
    type: Any
    file: bool = False
    repeated: bool = False
    content_type: str | None = None
    style: str | None = None
    explode: bool | None = None


def members(value: Any) -> dict[str, Any]:
    """The properties of a form by their names on the wire, not yet written.

    Args:
        value: a model or a mapping.
    """
    if isinstance(value, Model):
        given = {field[0]: getattr(value, field[1]) for field in value._fields_}
        return {**given, **value.__dict__.get("_additional", {})}
    if isinstance(value, Mapping):
        return dict(value)
    raise BadArgument(f"A form is a model or a mapping, not {type(value).__name__}.")


def urlencoded(parts: Iterable[Part], codecs: Codecs) -> Callable[[Any], Body]:
    """Writes forms of one shape."""
    writers = {part.name: _pairs(part, codecs) for part in parts}

    def write(value: Any) -> Body:
        pairs: list[str] = []
        for name, one in members(value).items():
            if one is not ABSENT:
                pairs += (writers.get(name) or _pairs(Part(name, "any"), codecs))(one)
        return "&".join(pairs).encode()

    return write


def _pairs(part: Part, codecs: Codecs) -> Callable[[Any], list[str]]:
    out = codecs.get(part.type).write
    json = part.content_type is not None and "json" in part.content_type
    write = style.query_pairs(part.name, part.style or "form", part.explode is not False, json, reserved=False)
    return lambda value: write(out(value))


def multipart(parts: Iterable[Part], codecs: Codecs) -> Callable[[Any], tuple[Body, str]]:
    """Writes forms of one shape; the second of what is given is the content type, with the boundary."""
    known = {part.name: (part, codecs.get(part.type).write) for part in parts}

    def write(value: Any) -> tuple[Body, str]:
        boundary = secrets.token_hex(16)
        found: list[Body] = []
        for name, one in members(value).items():
            if one is not ABSENT:
                part, out = known.get(name) or (_guessed(name, one), plain)
                _append(found, boundary, part, out, one)
        found.append(f"--{boundary}--\r\n".encode())
        return payload.joined(found), f"multipart/form-data; boundary={boundary}"

    return write


def _guessed(name: str, value: Any) -> Part:
    """A property that the document does not name."""
    file = isinstance(value, (File, Path, bytes)) or hasattr(value, "read")
    return Part(name, "any", file=file)


def _append(found: list[Body], boundary: str, part: Part, out: Write, value: Any) -> None:
    if part.repeated and isinstance(value, (list, tuple)):
        for one in value:
            _append(found, boundary, part._replace(repeated=False), _of_item(part, out), one)
    elif part.file:
        _append_file(found, boundary, part, value)
    else:
        content, media = _text(part, out(value))
        found.append(_head(boundary, part.name, None, media) + content + b"\r\n")


def _of_item(part: Part, out: Write) -> Write:
    return (lambda value: out([value])[0]) if part.type != "any" else out


def _text(part: Part, value: Any) -> tuple[bytes, str | None]:
    media = part.content_type
    if isinstance(value, (dict, list)) or (media is not None and "json" in media):
        return jsontext.write(value), media or "application/json"
    return style.scalar(value).encode(), media


def _append_file(found: list[Body], boundary: str, part: Part, value: Any) -> None:
    file = value if isinstance(value, File) else File(value)
    name = file.name or _name_of(file.content) or part.name
    media = file.content_type or part.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    found += [_head(boundary, part.name, name, media), payload.of(file.content), b"\r\n"]


def _name_of(content: Any) -> str | None:
    named = content if isinstance(content, Path) else getattr(content, "name", None)
    return os.path.basename(named) if isinstance(named, (str, Path)) else None


def _head(boundary: str, name: str, file: str | None, media: str | None) -> bytes:
    line = f'--{boundary}\r\nContent-Disposition: form-data; name="{name.translate(_QUOTED)}"'
    if file is not None:
        line += f'; filename="{file.translate(_QUOTED)}"'
    if media is not None:
        if "\r" in media or "\n" in media:
            raise BadArgument(f"The content type of {name} has a line break.")
        line += f"\r\nContent-Type: {media}"
    return f"{line}\r\n\r\n".encode()
