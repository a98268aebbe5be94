"""The driver of the Python SDK, synchronous or (--async) asynchronous: does what scenarios say.

tests/portico/sdk/README.md is its protocol. It runs where nothing but the SDK is installed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import inspect
import io
import itertools
import json
import pathlib
import re
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import playground
from names import Named, shown, written
from playground import Credentials, File, FileTokenStore, Hooks, Options, Retries, Tokens

SdkError = playground.errors.SdkError

ASYNC = "--async" in sys.argv
CANCEL = 0.1  # seconds after which a call is given up
PART = 10_000  # bytes that a pipe gives at once

_lock = threading.Lock()
_waiting: dict[str, threading.Event] = {}


def say(text: str) -> None:
    """Write a line."""
    with _lock:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def ask(what: str, **more: Any) -> threading.Event:
    """Ask the harness for something; the event is set when it is done."""
    done = _waiting[what] = threading.Event()
    say(json.dumps({"ask": what, **more}))
    return done


# ------------------------------------------------------------------------- values


def given(value: Any, results: list[Any]) -> Any:
    """A value in its wire form, in which large numbers have their digits, and bytes and results are there."""
    if isinstance(value, list):
        return [given(one, results) for one in value]
    if not isinstance(value, dict):
        return value
    if "$result" in value:
        return results[value["$result"]]
    if "$number" in value:
        text = value["$number"]
        return int(text) if re.fullmatch(r"-?\d+", text) else Decimal(text)
    if "$data" in value:
        return data(**value["$data"])
    return {name: given(one, results) for name, one in value.items()}


def data(
    text: str | None = None,
    base64: str | None = None,
    size: int = 0,
    name: str | None = None,
    content_type: str | None = None,
    **how: str,
) -> Any:
    """Bytes, as somebody who uses the SDK would give them."""
    content = text.encode() if text is not None else decoded(base64) if base64 is not None else bytes(size)
    kind = how.get("as", "bytes")
    source: Any = io.BytesIO(content) if kind == "stream" else parts(content) if kind == "pipe" else content
    return source if name is None else File(source, name, content_type)


def decoded(text: str) -> bytes:
    return base64.b64decode(text)


def parts(content: bytes) -> Iterator[bytes]:
    return (content[at : at + PART] for at in range(0, len(content), PART))


def digest(content: bytes, **more: Any) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **more}


# ------------------------------------------------------------------------- a run


class Run:
    """One scenario."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []
        self.events: list[dict[str, Any]] = []
        self.results: list[Any] = []
        self.ahead = 0.0  # seconds that the client's clock is ahead
        self.answered = threading.Event()
        self.answered.set()

    async def all(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Do every step."""
        said: list[dict[str, Any]] = []
        self.client(told["client"])
        for step in told["steps"]:
            kept = None
            try:
                if "client" in step:
                    self.client(step["client"])
                shown, kept = await self.step(step)
                said.append({"result": shown})
            except (SdkError, TypeError, asyncio.CancelledError) as error:
                said.append({"error": failure(error)})
            self.results.append(kept)
        return {"steps": said, "sleeps": self.sleeps, "events": self.events}

    async def step(self, step: Mapping[str, Any]) -> tuple[Any, Any]:
        """What a step shows, and what it keeps for later ones."""
        if isinstance(self.made, SdkError):
            raise self.made
        if "call" in step:
            return await self.call(**step["call"])
        if "parallel" in step:
            found = await asyncio.gather(*(self.call(**call) for call in step["parallel"]))
            return [shown for shown, _ in found], None
        if "login" in step:
            await self.login(**step["login"])
        elif "logout" in step:
            await do(self.made.logout)
        elif "pause" in step:
            self.ahead += seconds(step["pause"])
        elif "again" in step:
            self.client(self.told)
        else:
            return f"{self.made!r}\n{self.made}\n{vars(self.made)}", None
        return None, None

    # ---------------------------------------------------------------------- client

    def client(self, told: Mapping[str, Any]) -> None:
        """Make a client; what is wrong with that is told by the step that uses it."""
        self.told, self.ahead = told, self.ahead or seconds(told["clock"])
        kind = playground.AsyncPlayground if ASYNC else playground.Playground
        try:
            self.made: Any = kind(told["base_url"], **self.options(told))
        except SdkError as error:
            self.made = error

    def options(self, told: Mapping[str, Any]) -> dict[str, Any]:
        same = ("api_key", "client_id", "client_secret", "scopes", "role", "region", "headers", "user_agent")
        found = {name: told[name] for name in (*same, "max_answer") if name in told}
        found |= {name: seconds(told[name]) for name in ("timeout", "deadline") if name in told}
        makers: Mapping[str, Callable[[Any], Any]] = {
            "access_token": lambda one: later(one["function"]) if isinstance(one, dict) else one,
            "tokens": lambda one: Tokens(one["access_token"], one["refresh_token"], self.now() + one["expires_in"]),
            "basic": lambda one: (one["username"], one["password"]),
            "credentials": lambda one: (
                always(Credentials(**one["function"])) if "function" in one else Credentials(**one)
            ),
            "token_store": FileTokenStore,
            "retries": retries,
        }
        found |= {name: make(told[name]) for name, make in makers.items() if name in told}
        hooks = {name: self.hook(name) for name in ("before_request", "after_response", "on_retry")}
        chance = seconds(told["random"])
        return {
            **found,
            "hooks": Hooks(**hooks),
            "clock": self.now,
            "sleep": self.sleep_later if ASYNC else self.sleep,
            "random": lambda: chance,
            "browser": self.browse,
        }

    def now(self) -> float:
        return time.time() + self.ahead

    def sleep(self, pause: float) -> None:
        self.answered.wait()
        self.sleeps.append(pause)
        self.ahead += seconds(self.told.get("advance", pause))

    async def sleep_later(self, pause: float) -> None:
        await asyncio.to_thread(self.sleep, pause)

    def hook(self, name: str) -> Callable[[Any], None]:
        def note(event: Any) -> None:
            fields = ("method", "url", "attempt", "status", "duration")
            shown = {field: getattr(event, field) for field in fields}
            self.events.append({"event": name, "headers": dict(event.headers), **shown})

        return note

    def browse(self, url: str) -> bool:
        ask("browser", url=url)
        return True

    async def login(self, device: bool = False, **_: Any) -> None:
        def show(text: str) -> None:
            found = re.search(r"(https?:\S+) with the code (\S+)", text)
            if found:
                self.answered = ask("device", url=found[1], code=found[2])

        await do(self.made.login, device=device, show=show)

    # ---------------------------------------------------------------------- calls

    async def call(
        self,
        operation: str,
        key: str,
        arguments: Mapping[str, Any] | None = None,
        body: Any = None,
        content_type: str | None = None,
        options: Mapping[str, Any] | None = None,
        how: str = "plain",
        take: int = sys.maxsize,
    ) -> tuple[Any, Any]:
        """Call an operation; what is shown of the result, and the result."""
        names = Named(operation, key)
        given_body = {} if body is None else {"body": names.body(given(body, self.results), content_type)}
        values = {name: given(one, self.results) for name, one in (arguments or {}).items()}
        named_values = {names.argument(name): names.value(name, one) for name, one in values.items()}
        more = self.call_options(options or {}, content_type)
        method = getattr(self.made, names.iterate if how == "iterate" else names.method)
        everything = {**named_values, **given_body, **more}
        inspect.signature(method).bind(**everything)  # Python's own error, before anything is called
        return await getattr(self, HOWS.get(how, how))(method, everything, take)

    def call_options(self, told: Mapping[str, Any], content_type: str | None) -> dict[str, Any]:
        found: dict[str, Any] = {name: told[name] for name in ("headers", "idempotency_key", "auth") if name in told}
        found |= {name: seconds(told[name]) for name in ("timeout", "deadline") if name in told}
        if "retries" in told:
            found["retries"] = retries(told["retries"])
        if content_type is not None:
            found["content_type"] = content_type
        return {"options": Options(**found)} if found else {}

    async def plain(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        kept = await do(method, **values)
        if hasattr(kept, "save"):
            content = await do(kept.read)
            return {"$base64": base64.b64encode(content).decode()}, kept
        return shown(kept), kept

    async def raw(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        answer = await do(self.made.raw(method), **values)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return {"status": answer.status, "headers": headers, "body": answer.body.decode()}, None

    async def iterate(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        return [shown(one) for one in await taken(lambda: method(**values), take)], None

    async def events_of(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        found = await taken(await do(method, **values), take)
        return [{"event": one.event, "id": one.id, "data": shown(one.data)} for one in found], None

    async def lines(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        return [shown(one) for one in await taken(await do(method, **values), take)], None

    async def stream(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        found = await taken(await do(method, **values), take)
        return digest(b"".join(found), several=len(found) > 1), None

    async def file(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder) / "download"
            await do((await do(method, **values)).save, place)
            return digest(place.read_bytes()), None

    async def cancel(self, method: Any, values: Mapping[str, Any], take: int) -> tuple[Any, Any]:
        task = asyncio.ensure_future(method(**values))
        asyncio.get_running_loop().call_later(CANCEL, task.cancel)
        return shown(await task), None


HOWS = {"events": "events_of"}  # `how` -> the method of Run that has another name


async def do(function: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """Call something of the client: asynchronous, or in a thread."""
    if ASYNC:
        return await function(*arguments, **more)
    return await asyncio.to_thread(function, *arguments, **more)


async def taken(items: Any, most: int) -> list[Any]:
    """The first of some items."""
    items = items() if callable(items) else items
    if not ASYNC:
        return await asyncio.to_thread(lambda: list(itertools.islice(items, most)))
    found: list[Any] = []
    async for one in items:
        found.append(one)
        if len(found) >= most:
            break
    return found


# ------------------------------------------------------------------------ options


def seconds(value: Any) -> float:
    return float(value["$number"] if isinstance(value, dict) else value)


def retries(told: Any) -> Any:
    if isinstance(told, int):
        return told
    return Retries(**{name: one if name == "count" else seconds(one) for name, one in told.items()})


def later(values: list[str]) -> Callable[[], str]:
    """Gives one after the other, and the last for ever."""
    left = list(values)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def always(value: Any) -> Callable[[], Any]:
    return lambda: value


# ------------------------------------------------------------------------- errors


def failure(error: BaseException) -> dict[str, Any]:
    """An error by the words of the contract."""
    if isinstance(error, TypeError) and not isinstance(error, SdkError) and "argument" not in str(error):
        raise error
    kinds = {"CancelledError": "Cancelled", "TypeError": "BadArgument"}  # the language's own
    kind = kinds.get(type(error).__name__, type(error).__name__)
    names = ("status", "operation", "request_id", "retry_after", "pointer", "error", "description")
    found = {name: getattr(error, name, None) for name in names}
    if hasattr(error, "problem"):
        found["problem"] = dict(error.problem.members)
    if hasattr(error, "body"):
        found["body"] = error.body.decode("utf-8", "replace")
    return {"kind": kind, "message": f"{error} {error!r}", **found}


async def main() -> None:
    """Do scenarios, a line each, until there are no more."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            told = json.loads(line)
            if "done" in told:
                _waiting[told["done"]].set()
            else:
                loop.call_soon_threadsafe(lines.put_nowait, told)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (told := await lines.get()) is not None:
        try:
            say(written(await Run().all(told)))
        except Exception as error:
            say(json.dumps({"failure": "".join(traceback.format_exception(error))}))


asyncio.run(main())
