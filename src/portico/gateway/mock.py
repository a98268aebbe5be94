"""Answers for operations that nobody has written: the document's examples, or values built from its schemas.

A client chooses with the Prefer header (RFC 7240): `Prefer: code=404, example=cat`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from connexion.exceptions import ClientProblem

from portico.design.examples import example
from portico.design.model import Api, Direction, Json, Media, Operation, Parameter, Response
from portico.gateway import encode, media, xml
from portico.gateway.prefer import applied, preferences
from portico.gateway.problems import NotAcceptable

SAID = "Portico-Mock"
CONCRETE = {
    "*/*": "application/json",
    "application/*": "application/json",
    "text/*": "text/plain",
    "image/*": "image/png",
}
KEPT = 200  # answers of one operation that are made once

_BODILESS = frozenset({204, 205, 304})
_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_GATEWAYS_OWN = re.compile(
    r"connection|content-(?:type|length|encoding|range)|date|keep-alive|server|te|trailer|transfer-encoding|upgrade"
    r"|x-request-id|access-control-.*|portico-.*|preference-applied",
    re.IGNORECASE,
)
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060"
    "f80f0001040100a5f6453f0000000049454e44ae426082"
)

Answer = tuple[int, dict[str, str], bytes]


class UnknownPreference(ClientProblem):  # type: ignore[misc]
    """The document has no such answer or example; the detail names those that it has."""

    def __init__(self, what: str, wanted: str, choices: Iterable[str]) -> None:
        known = ", ".join(choices) or "none"
        super().__init__(
            400, "Unknown Preference", detail=f"There is no {what} {wanted[:60]!r} here. There are: {known}."
        )


class MockResponder:
    """Answers one operation from its document.

    Args:
        api: the API.
        operation: one of its operations.
    """

    def __init__(self, api: Api, operation: Operation) -> None:
        self._api = api
        self._responses = operation.responses
        self._made: dict[tuple[str, str, str | None], tuple[dict[str, str], bytes]] = {}

    def answer(self, prefer: str | None, accept: str | None) -> Answer:
        """Status, headers and body.

        Args:
            prefer: the Prefer headers, joined by commas.
            accept: the Accept headers, joined by commas.

        Raises:
            UnknownPreference: the document has no such answer or example.
            NotAcceptable: the answer has no media type that the client accepts.
        """
        wanted = preferences(prefer)
        status, response = self._response(wanted.get("code"))
        name = wanted.get("example")
        entry = self._entry(response, accept, name) if status not in _BODILESS else None
        if name is not None and entry is None:
            raise UnknownPreference("example", name, _names(response.content.values()))
        headers, body = self._made_once(response, entry, name)
        honoured = {key: value for key, value in wanted.items() if key in ("code", "example")}
        said = {SAID: "true"} | ({"Preference-Applied": applied(honoured)} if honoured else {})
        return status, {**headers, **said}, body

    def _response(self, code: str | None) -> tuple[int, Response]:
        """The answer with the wanted code, or the best one: the lowest success that the document names."""
        if code is None:
            return self._usual()
        for key in (code, f"{code[:1]}XX", "default"):
            if re.fullmatch(r"[2-5]\d\d", code, re.ASCII) and key in self._responses:
                return int(code), self._responses[key]
        raise UnknownPreference("answer", code, self._responses)

    def _usual(self) -> tuple[int, Response]:
        codes = sorted(key for key in self._responses if re.fullmatch(r"[1-5]\d\d", key, re.ASCII))
        for key in (*(code for code in codes if code[0] == "2"), "2XX", "default", *codes):
            if key in self._responses:
                return int(key) if key in codes and key[0] != "1" else 200, self._responses[key]
        first = next(iter(self._responses), None)
        return (204, Response("204")) if first is None else (int(f"{first[0]}00"), self._responses[first])

    def _entry(self, response: Response, accept: str | None, name: str | None) -> Media | None:
        """The media type to answer in: one that the client accepts, and that has the wanted example."""
        content = response.content
        named = [key for key in content if any(one.name == name for one in content[key].examples)]
        offered = named if name is not None else list(content)
        if not offered:
            return None
        concrete = {CONCRETE.get(key, key): key for key in reversed(offered)}
        best = media.accepted(accept or "*/*", list(reversed(concrete)))
        if best is None:
            raise NotAcceptable(reversed(concrete))
        return content[concrete[best]]

    def _made_once(self, response: Response, entry: Media | None, name: str | None) -> tuple[dict[str, str], bytes]:
        key = (response.status, entry.media_type if entry is not None else "", name)
        made = self._made.get(key)
        if made is None:
            made = self._make(response, entry, name)
            if len(self._made) < KEPT:
                self._made[key] = made
        return made

    def _make(self, response: Response, entry: Media | None, name: str | None) -> tuple[dict[str, str], bytes]:
        headers = dict(_headers(response.headers))
        if entry is None:
            return headers, b""
        kind = CONCRETE.get(entry.media_type, entry.media_type)
        if "*" in kind or not re.fullmatch(r"[\x21-\x7e]+", kind):
            kind = "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        return {**headers, "Content-Type": f"{kind}{charset}"}, _encoded(_value(entry, name), kind, entry)


def _names(content: Iterable[Media]) -> list[str]:
    return list(dict.fromkeys(one.name for entry in content for one in entry.examples if one.name))


def _value(entry: Media, name: str | None) -> Json:
    for one in entry.examples:
        if name is None or one.name == name:
            return one.value
    schema = entry.schema or entry.item_schema
    return example(schema, Direction.RESPONSE) if schema is not None else {}


def _encoded(value: Json, kind: str, entry: Media) -> bytes:
    """The value in its media type, as far as one can be written without more than the schema says."""
    if media.is_json(kind):
        return encode.json(value)
    if kind in ("application/jsonl", "application/x-ndjson", "application/json-seq"):
        items = value if isinstance(value, list) else [value]
        return b"".join((b"\x1e" if kind.endswith("seq") else b"") + encode.json(item) for item in items)
    if isinstance(value, str):
        return _PIXEL if kind == "image/png" and not entry.examples else value.encode("utf-8", "replace")
    if kind.endswith("/xml") or kind.endswith("+xml"):
        return xml.document(value, entry.schema)
    if kind == "text/event-stream":
        return b"data: " + encode.json(value) + b"\n"
    if kind == "application/x-www-form-urlencoded" and isinstance(value, dict):
        return urlencode(value, doseq=True).encode()
    if kind == "image/png":
        return _PIXEL
    return encode.json(value)


def _headers(described: Mapping[str, Parameter]) -> Iterable[tuple[str, str]]:
    for name, header in described.items():
        if _TOKEN.fullmatch(name) and not _GATEWAYS_OWN.fullmatch(name):
            value = header.examples[0].value if header.examples else example(header.schema)
            yield name, _simple(value, explode=header.explode)


def _simple(value: Json, *, explode: bool) -> str:
    """A header's value in the style `simple`, of characters that a header may hold (RFC 9110 section 5.5)."""
    if isinstance(value, list):
        text = ",".join(map(_text, value))
    elif isinstance(value, dict):
        text = ",".join(f"{key}{'=' if explode else ','}{_text(member)}" for key, member in value.items())
    else:
        text = _text(value)
    return re.sub(r"[^\x20-\x7e]", "?", text).strip()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else encode.json(value).decode().strip()
