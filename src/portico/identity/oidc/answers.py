"""Answers to clients: JSON that no cache keeps, and errors in the words of the protocol."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.oidc.errors import (
    AccessDenied,
    InvalidToken,
    OAuthError,
    TemporarilyUnavailable,
    TooManyDevices,
)
from portico.identity.oidc.parameters import Parameters
from portico.identity.triggers import Refused, TriggerFailed
from portico.store import DatabaseBusy, DatabaseUnavailable

log = logging.getLogger("portico.identity.oidc")

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}
BASIC, BEARER = "Basic", "Bearer"
Endpoint = Callable[[Request], Awaitable[Response]]


def json(value: object, *, status: int = 200, headers: Mapping[str, str] = NO_STORE) -> Response:
    """A JSON answer.

    Args:
        value: what it says.
        status: of the answer.
        headers: of the answer, besides Content-Type.
    """
    return Response(msgspec.json.encode(value), status, dict(headers), media_type="application/json")


def body_of(error: OAuthError) -> dict[str, str]:
    """An error as parameters (RFC 6749 section 5.2)."""
    return {"error": error.error} | ({"error_description": error.description} if error.description else {})


def told(error: Exception) -> OAuthError:
    """What a client is told of something that went wrong on the way.

    Args:
        error: a refusal of the project's trigger, a busy database, or an `OAuthError`, which stays as it is.
    """
    if isinstance(error, OAuthError):
        return error
    if isinstance(error, Refused):
        return AccessDenied(_plain(str(error)))
    if isinstance(error, TriggerFailed):
        return AccessDenied("This cannot be done at the moment.")
    return TemporarilyUnavailable("Try again shortly.")


EXPECTED = (OAuthError, Refused, TriggerFailed, DatabaseBusy, DatabaseUnavailable)


def protocol(endpoint: Endpoint, *, realm: str, scheme: str = BASIC) -> Endpoint:
    """An endpoint whose errors are answered as the protocol says.

    Args:
        endpoint: raises what is in `EXPECTED`.
        realm: of the challenge, where the caller did not prove who it is.
        scheme: that callers prove themselves with.
    """

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except EXPECTED as error:
            return refusal(told(error), realm=realm, scheme=scheme)

    return answered


def refusal(error: OAuthError, *, realm: str, scheme: str = BASIC) -> Response:
    """An error's answer.

    Args:
        error: what is wrong.
        realm: of the challenge.
        scheme: that callers prove themselves with.
    """
    headers = dict(NO_STORE)
    if scheme == BEARER and error.status < 500:
        said = "" if isinstance(error, InvalidToken) and not error.description else _challenge(error)
        headers["WWW-Authenticate"] = f'Bearer realm="{realm}"{said}'
    elif isinstance(error, TooManyDevices):
        headers["Retry-After"] = str(error.retry_after)
    elif error.status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{realm}", charset="UTF-8"'
    return json(body_of(error), status=error.status, headers=headers)


def _challenge(error: OAuthError) -> str:
    return f', error="{error.error}", error_description="{error.description}"'


def _plain(text: str) -> str:
    """A project's sentence with only those characters that an `error_description` may have (RFC 6749 section 5.2)."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in text)[:256]


def need_one_of(parameters: Parameters, name: str, known: Mapping[str, object], otherwise: type[OAuthError]) -> str:
    """The value of a parameter that must be one of some.

    Raises:
        InvalidRequest: there is none.
        OAuthError: it is another one.
    """
    value = parameters.need(name)
    if value not in known:
        raise otherwise(f"The {name} is none that is offered here.")
    return value
