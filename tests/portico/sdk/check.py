"""Whether what was seen on the wire, and what a driver said, is what a scenario expects."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.portico.sdk.scenario import form, has_misfit, misfit
from tests.portico.sdk.weather import Seen

BASE = "/playground/v1"
ISSUER = "/auth/main"
SECRET = 8  # characters that a secret has at least; what is shorter may be a part of any word


def short(target: str) -> str:
    """An address as scenarios write it: `/things` of the API, `issuer:/oauth2/token` of the pool."""
    if target.startswith(BASE):
        return target.removeprefix(BASE)
    return f"issuer:{target.removeprefix(ISSUER)}" if target.startswith(ISSUER) else f"other:{target}"


def of_api(seen: Sequence[Seen]) -> list[Seen]:
    """The requests to the API."""
    return [one for one in seen if one.target.startswith(BASE)]


def of_issuer(seen: Sequence[Seen]) -> list[Seen]:
    """The requests to the pool, without those for its metadata and keys."""
    return [one for one in seen if one.target.startswith(ISSUER) and "/.well-known/" not in one.target]


def request_faults(expected: Any, seen: Sequence[Seen], kind: str) -> Iterator[str]:
    """What is wrong with the requests of one kind."""
    shown = [f"{one.method} {short(one.target)}" for one in seen]
    if isinstance(expected, Mapping):
        if not expected["from"] <= len(seen) <= expected["to"]:
            yield f"{kind}: {len(seen)} of them: {shown}"
        return
    if len(expected) != len(seen):
        yield f"{kind}: {len(seen)} instead of {len(expected)}: {shown}"
        return
    for number, (wanted, one) in enumerate(zip(expected, seen, strict=True)):
        for key, value in wanted.items():
            wrong = _PARTS[key](value, one, f"{kind}/{number}/{key}")
            if wrong is not None:
                yield wrong


def _headers(value: Mapping[str, Any], seen: Seen, at: str) -> str | None:
    return has_misfit(value, {name: seen.header(name) for name in value}, at)


def _form(value: Any, seen: Seen, at: str) -> str | None:
    fields = form(seen.body.decode())
    return has_misfit(value, dict(fields), at) if isinstance(value, Mapping) else misfit(value, fields, at)


def _json(value: Any, seen: Seen, at: str) -> str | None:
    return misfit(value, json.loads(seen.body, parse_float=Decimal), at)


def _json_text(value: Mapping[str, str], seen: Seen, at: str) -> str | None:
    """Members of an object with their digits."""
    for name, text in value.items():
        if re.search(rf'"{name}"\s*:\s*{re.escape(text)}\s*[,}}]', seen.body.decode()) is None:
            return f'{at}: no "{name}": {text} in {seen.body.decode()}'
    return None


_PARTS = {
    "method": lambda value, seen, at: misfit(value, seen.method, at),
    "target": lambda value, seen, at: misfit(value, seen.target, at),
    "path": lambda value, seen, at: misfit(value, short(seen.path).removeprefix("issuer:"), at),
    "query": lambda value, seen, at: misfit(value, seen.query, at),
    "headers": _headers,
    "body": lambda value, seen, at: misfit(value, seen.body.decode("utf-8", "replace"), at),
    "base64": lambda value, seen, at: misfit(value, base64.b64encode(seen.body).decode(), at),
    "length": lambda value, seen, at: misfit(value, len(seen.body), at),
    "json": _json,
    "json_text": _json_text,
    "form": _form,
}


def change_faults(expect: Mapping[str, Any], seen: Sequence[Seen]) -> Iterator[str]:
    """What changed between attempts and should not have, or did not and should have."""
    for word, wanted in (("same", 1), ("differ", len(seen))):
        for what in expect.get(word, ()):
            values = {one.header(what.removeprefix("headers.")) for one in seen}
            if len(values) != wanted:
                yield f"{word}: {what} was {values}"


def expected_fault(expect: Mapping[str, Any], said: Mapping[str, Any], at: str) -> str | None:
    """What is wrong with what came of a step."""
    if "error" in expect:
        if "error" not in said:
            return f"{at}: no error, but {said}"
        return has_misfit(expect["error"], said["error"], f"{at}: error")
    if "error" in said:
        return f"{at}: {said['error']}"
    return misfit(expect["result"], said.get("result"), f"{at}: result") if "result" in expect else None


def sleep_faults(expected: Sequence[Any], sleeps: Sequence[Any]) -> Iterator[str]:
    """What is wrong with how long a client waited, in seconds, to the millisecond."""
    wrong = misfit(list(expected), [round(Decimal(one), 3).normalize() for one in sleeps], "sleeps")
    if wrong is not None:
        yield wrong


def event_faults(expected: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with what hooks were told."""
    if len(expected) != len(events):
        yield f"events: {[one.get('event') for one in events]}"
        return
    for number, (wanted, one) in enumerate(zip(expected, events, strict=True)):
        asked = {key: {"has": value} if key == "headers" else value for key, value in wanted.items()}
        lower = {name.lower(): value for name, value in (one.get("headers") or {}).items()}
        wrong = has_misfit(asked, {**one, "headers": lower}, f"events/{number}")
        if wrong is not None:
            yield wrong


def browser_fault(expected: Mapping[str, Any], url: str | None, page: int) -> str | None:
    """What is wrong with what a program opened in the browser, and with the status of its last page."""
    if url is None or page != expected["page"]:
        return f"browser: opened {url}, and came back to a page with status {page}"
    parts = urlsplit(url)
    wrong = misfit(expected["path"], short(parts.path).removeprefix("issuer:"), "browser/path")
    return wrong or has_misfit(expected["query"], dict(parse_qsl(parts.query)), "browser/query")


def leaks(secrets: Sequence[str], told: Any) -> Iterator[str]:
    """The secrets that something shows."""
    text = json.dumps(told, default=str, ensure_ascii=False)
    for secret in secrets:
        if len(secret) >= SECRET and secret in text:
            where = text.index(secret)
            yield f"a secret is told: {text[max(0, where - 60) : where]}[here]"


def secrets_in(seen: Sequence[Seen]) -> Iterator[str]:
    """What was sent that nobody else may know."""
    for one in seen:
        authorization = one.header("authorization") or ""
        yield authorization.partition("Signature=")[2] or authorization.partition(" ")[2]
        yield one.header("x-amz-security-token") or ""
        if one.target.startswith(ISSUER) and (one.header("content-type") or "").startswith("application/x-www-form"):
            fields = dict(parse_qsl(one.body.decode()))
            yield from (fields.get(key, "") for key in ("code", "code_verifier", "refresh_token", "client_secret"))
