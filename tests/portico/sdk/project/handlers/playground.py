"""The operations of specs/playground.yaml: most say what arrived, so that both sides can be compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connexion import request
from connexion.exceptions import ProblemException
from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from portico import Context

from . import stored

ITEMS = 7  # on all pages together
PAGE = 3  # items on one


# ------------------------------------------------------------------- arguments


async def echo(**arguments: Any) -> dict[str, Any]:
    """What arrived in the path and the query."""
    return {name.rstrip("_"): _plain(value) for name, value in arguments.items() if value is not None}


simple_path = simple_path_exploded = label_path = label_path_exploded = matrix_path = matrix_path_exploded = echo
form_query = form_query_exploded = delimited_query = deep_query = json_query = reserved_query = echo
find_events = get_event = send_words = old_way = get_things = echo


async def send_headers(
    *, x_text: Any = None, x_numbers: Any = None, x_point: Any = None, x_exploded: Any = None, x_day: Any = None
) -> dict[str, Any]:
    """What arrived in headers."""
    return await echo(text=x_text, numbers=x_numbers, point=x_point, exploded=x_exploded, day=x_day)


async def send_cookies(*, flavour: Any = None, numbers: Any = None) -> dict[str, Any]:
    """What arrived in cookies."""
    return await echo(flavour=flavour, numbers=numbers)


# ---------------------------------------------------------------------- values


async def back(**_: Any) -> Response:
    """The body as it was sent, to the last digit."""
    return _json(await request.body())


put_values = change_profile = put_pet = put_drawing = put_stock = put_tree = put_words = back


def get_values(name: str) -> Response:
    """Values of a kind."""
    return _json(stored.VALUES[name])


def get_pet(name: str) -> Response:
    """A pet."""
    return _json(stored.PETS[name])


def get_drawing() -> Response:
    """Shapes."""
    return _json(stored.DRAWING)


def get_employee(name: str) -> Response:
    """An employee."""
    return _json(stored.EMPLOYEES[name])


def get_stock() -> Response:
    """How many of what."""
    return _json(stored.STOCK)


def create_account(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The account without its password."""
    return {"id": "acc-1", "name": body["name"]}, 201


# ---------------------------------------------------------------------- bodies


async def add_note(body: Any) -> tuple[dict[str, Any], int]:
    """The note, and how it came."""
    kind = request.headers["content-type"].partition(";")[0]
    if isinstance(body, bytes):
        body = body.decode()
    return {"as": kind, "text": body if isinstance(body, str) else body["text"]}, 201


def delete_note(**_: Any) -> tuple[None, int]:
    """Nothing."""
    return None, 204


async def send_form(body: dict[str, Any]) -> dict[str, Any]:
    """What arrived in a form."""
    return await echo(**body)


async def send_gallery(body: dict[str, Any], photo: UploadFile, more: list[UploadFile] | None = None) -> dict[str, Any]:
    """What arrived in a form with files."""
    fields = {name: _plain(value) for name, value in body.items() if name not in ("photo", "more")}
    files = [await _file(file) for file in (photo, *(more or []))]
    return {**fields, "files": files}


async def put_blob(name: str, body: bytes) -> dict[str, Any]:
    """What arrived of bytes."""
    return {"name": name, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def get_blob(name: str, *, size: int | None = None) -> StreamingResponse:
    """So many bytes, in parts."""
    return StreamingResponse(_chunks(100_000 if size is None else size), media_type="application/octet-stream")


async def send_text(**_: Any) -> Response:
    """The text as it was sent."""
    return Response(await request.body(), media_type="text/plain")


def get_long() -> list[str]:
    """Many words."""
    return [f"word {number}" for number in range(500)]


def watch_feed(*, last_event_id: str | None = None) -> StreamingResponse:
    """Five events, from the one after that which was seen last."""
    return StreamingResponse(_events(int(last_event_id or 0)), media_type="text/event-stream")


def read_lines() -> StreamingResponse:
    """Three values."""
    lines = (json.dumps({"number": number}) + "\n" for number in (1, 2, 3))
    return StreamingResponse(lines, media_type="application/jsonl")


# --------------------------------------------------------------------- callers


async def whose(ctx: Context, **_: Any) -> dict[str, Any]:
    """Who called."""
    caller = ctx.caller
    return {
        "subject": caller.subject,
        "username": caller.username,
        "client": caller.client,
        "role": caller.role,
        "keyed": caller.key is not None,
        "received": hashlib.sha256(await request.body()).hexdigest() if request.method != "GET" else None,
    }


get_open = get_with_header_key = get_with_query_key = get_with_cookie_key = get_with_password = whose
get_mine = put_mine = get_admin = get_signed = post_signed = signed_for_nobody = get_signed_path = whose
put_signed_blob = put_signed_stream = put_once = get_signed_and_keyed = get_any = get_any_or_nobody = whose


# -------------------------------------------------------------------- failures


def said(body: dict[str, Any]) -> dict[str, Any]:
    """What was said."""
    return {"text": body["text"]}


add_thing = put_thing = place_order = said


def delete_things() -> tuple[None, int]:
    """Nothing."""
    return None, 204


def fail(status: int) -> None:
    """Fail."""
    more = {"balance": 30, "accounts": ["/a"]}
    raise ProblemException(
        status=status, title="Asked to fail", detail=f"You asked for {status}.", type="https://e.example/f", ext=more
    )


def go_elsewhere(to: str, *, status: int | None = None) -> Response:
    """Send the caller elsewhere."""
    return Response(status_code=status or 302, headers={"Location": to})


def post_elsewhere(to: str, body: Any) -> Response:
    """Send the caller elsewhere with what they say."""
    return Response(status_code=307, headers={"Location": to})


# ----------------------------------------------------------------------- pages


def list_by_link(*, start: int | None = None) -> Response:
    """Some items; the header names the next."""
    start = start or 0
    onward = start + PAGE < ITEMS
    link = {"Link": f'<?start={start + PAGE}>; rel="next", </playground/v1/pages/link>; rel=first'} if onward else {}
    return _json(json.dumps(_items(start)), headers=link)


def list_by_cursor(*, next_token: str | None = None, word: str | None = None) -> dict[str, Any]:
    """Some items and the cursor to the next; with the word "stuck" a cursor that leads nowhere."""
    if word == "stuck":
        return {"items": _items(0), "nextToken": "the same"}
    start = int((next_token or "at+0").removeprefix("at+"))
    more = {"nextToken": f"at+{start + PAGE}"} if start + PAGE < ITEMS else {}
    return {"items": _items(start), **more}


def list_by_page(*, page: int = 1) -> dict[str, Any]:
    """Some items."""
    return {"items": _items((page - 1) * PAGE)}


def list_by_offset(*, offset: int = 0, limit: int | None = None) -> list[dict[str, int]]:
    """Some items."""
    return _items(offset, limit or PAGE)


# -------------------------------------------------------------------- machinery


def _json(text: str | bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status, headers, media_type="application/json")


def _items(start: int, count: int = PAGE) -> list[dict[str, int]]:
    return [{"id": number} for number in range(start, min(start + count, ITEMS))]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | datetime | Decimal) else value


async def _file(file: UploadFile) -> dict[str, Any]:
    content = await file.read()
    digest = hashlib.sha256(content).hexdigest()
    return {"name": file.filename, "type": file.content_type, "size": len(content), "sha256": digest}


def _chunks(size: int, chunk: int = 10_000) -> Iterator[bytes]:
    while size > 0:
        yield bytes(min(size, chunk))
        size -= chunk


async def _events(seen: int) -> AsyncIterator[str]:
    yield ": welcome\n\n"
    for number in range(seen + 1, 6):
        data = json.dumps({"number": number, "at": "2026-05-04T09:30:00Z"}, indent=1 if number == 2 else None)
        lines = "".join(f"data: {line}\n" for line in data.splitlines())
        yield f"event: tick\nid: {number}\nretry: 100\n{lines}\n"
