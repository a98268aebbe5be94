"""Sending a request that fits the document, and saying why one does not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from portico.cli import terminal
from portico.cli.call import answer
from portico.cli.call.caller import Caller, bearer, credentials, signed_headers
from portico.cli.call.options import Option
from portico.cli.call.request import Given, draft
from portico.cli.terminal import word
from portico.config import Config
from portico.design.model import Api, Operation
from portico.design.request import Request
from portico.errors import PorticoError
from portico.gateway.problems import Fault
from portico.server.sockets import is_loopback

_PATIENCE = 60.0  # seconds: longer than the server's own limit for a handler
_SECRET = ("authorization", "cookie", "x-api-key", "proxy-authorization", "x-amz-security-token")


class CannotCall(PorticoError):
    """The server gives no answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """The operation that is called."""

    api: Api
    operation: Operation
    settings: Config
    root: Path  # the project's folder


@dataclass(frozen=True, slots=True)
class Common:
    """What every call may say."""

    body: str | None
    url: str | None
    header: list[str] | None
    sign: bool
    as_user: str | None
    role: str | None
    token: str | None
    as_json: bool
    no_check: bool
    verbose: bool


def send(target: Target, options: Sequence[Option], given: Given, common: Common) -> int:
    """Check what was given, send it, and show the answer.

    Returns:
        The exit status: 1 where it does not fit the document or the answer is an error.

    Raises:
        CannotCall: there is no answer.
    """
    caller = Caller(common.sign, common.as_user, common.role, common.token)
    caller.check()
    made = draft(target.operation, options, given, common.body, common.header or [])
    if made.faults and not common.no_check:
        _show_faults(made.faults, target)
        return 1
    url = _origin(target, common.url)
    request = _authenticated(made.request(target.api, target.operation), url, target, caller)
    status = _exchange(request, url, common)
    return 1 if status >= 400 else 0


def _show_faults(found: Sequence[Fault], target: Target) -> None:
    err = terminal.err()
    err.print(f"[bold red]Not sent:[/] it does not fit {word(target.api.name)} {word(target.operation.id)}.")
    for fault in found:
        place = " ".join(filter(None, (word(fault.location), word(fault.pointer))))
        err.print(f"  {place}: {word(fault.as_json()['detail'])}")
    err.print("The server would answer 400. See --help; --no-check sends it as it is.", style="dim")


def _authenticated(made: Request, origin: str, target: Target, caller: Caller) -> Request:
    """The request with a signature or a token, where the options ask for one."""
    called = (target.api, target.operation)
    if caller.signs:
        development = target.settings.server.mode == "development"
        found = credentials(target.root, caller, development=development, operation=called)
        region = target.settings.signing.region
        url = str(httpx2.URL(f"{origin}{made.url}"))  # encoded as it will be sent
        return replace(made, headers=signed_headers(made.method, url, made.headers, made.content, found, region=region))
    if caller.user is None and caller.token is None:
        return made
    kept = {name: value for name, value in made.headers.items() if name.lower() != "authorization"}
    token = bearer(target.root, caller, called, url=origin)
    return replace(made, headers=kept | {"Authorization": f"Bearer {token}"})


def _exchange(made: Request, origin: str, common: Common) -> int:
    url = f"{origin}{made.url}"
    started = time.perf_counter()
    try:
        with (
            httpx2.Client(timeout=_PATIENCE) as client,
            client.stream(made.method, url, headers=dict(made.headers), content=made.content) as response,
        ):
            seconds = time.perf_counter() - started
            if common.verbose:
                _show_request(response.request)
            answer.show_status(response, seconds, verbose=common.verbose)
            show = answer.show_as_json if common.as_json else answer.show
            show(response)
            return int(response.status_code)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise CannotCall(
            f"No answer from {url}: {reason}. Is `portico serve` running? If elsewhere: --url URL"
        ) from None


def _origin(target: Target, url: str | None) -> str:
    if url is not None:
        return url.rstrip("/")
    server = target.settings.server
    here = server.host in ("0.0.0.0", "::") or is_loopback(server.host)  # noqa: S104 - where it listens
    return f"http://{'localhost' if here else server.host}:{server.port}"


def _show_request(sent: httpx2.Request) -> None:
    err = terminal.err()
    err.print(f"[dim]> {word(sent.method)} {word(sent.url)}[/]")
    for name, value in sent.headers.items():
        shown = "(hidden)" if name.lower() in _SECRET else word(value)
        err.print(f"[dim]> {word(name)}: {shown}[/]")
