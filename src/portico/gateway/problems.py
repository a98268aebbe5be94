"""What can be wrong with a request, and the one shape in which every error is answered (RFC 9457).

    starlette HTTPException
    ├── NotFound                404
    └── MethodNotAllowed        405, with Allow

    connexion.ProblemException
    ├── BadRequest              400, with every fault
    ├── NotAcceptable           406
    ├── BodyTimeout             408
    ├── BodyTooLarge            413
    ├── UnsupportedMediaType    415
    ├── Unauthenticated         401, with WWW-Authenticate
    │   ├── TokenRefused        401: there is a token, but it is not valid
    │   └── KeyRefused          401: there is an API key, but it does not count
    ├── InsufficientScope       403: the token is valid, but lacks a scope
    ├── SignatureRefused        403: the request is signed, but the signature does not hold
    ├── NotAuthorised           403: no policy allows it, or one denies it
    ├── KeyNotAllowed           403: the API key counts, but not for this
    ├── TooManyRequests         429, with Retry-After
    ├── ReplyDoesNotConform     500: the handler returned what the document forbids; details go to the log only
    ├── HandlerNotWritten       501
    ├── LimitsUnknown           503: nobody can say whether a limit is reached
    └── HandlerTimeout          504

They derive from Connexion's classes, so that error handlers registered for those see them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from connexion.exceptions import (
    BadRequestProblem,
    ClientProblem,
    NonConformingResponse,
    OAuthProblem,
    ProblemException,
    ResolverProblem,
    ServerError,
    UnsupportedMediaTypeProblem,
)
from starlette.exceptions import HTTPException

from portico.gateway import encode

CONTENT_TYPE = "application/problem+json"
FAULTS_SHOWN = 100  # of one request; an attacker could otherwise make answers of any length
DETAIL_LENGTH = 500  # characters of one fault's text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a request, or a reply, got wrong."""

    location: str  # "body", "query", "path", "header" or "cookie"
    pointer: str  # JSON pointer (RFC 6901) of the value: into the body, or /NAME for a parameter
    detail: str
    schema_pointer: str = ""  # where the schema says so

    def as_json(self) -> dict[str, str]:
        """The member of `errors` in a problem document."""
        detail = self.detail if len(self.detail) <= DETAIL_LENGTH else f"{self.detail[:DETAIL_LENGTH]}…"
        return {"in": self.location, "pointer": self.pointer, "detail": detail}


class BadRequest(BadRequestProblem):  # type: ignore[misc]
    """The request does not fit the document."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more: see errors)" if len(faults) > 1 else ""
        super().__init__(detail=f"{first.as_json()['detail']}{more}")
        self.faults = tuple(faults)
        self.ext = {"errors": [fault.as_json() for fault in faults[:FAULTS_SHOWN]]}


class NotFound(HTTPException):
    """Nothing is at that path."""

    def __init__(self, detail: str = "Nothing is at this path.") -> None:
        super().__init__(404, detail)


class MethodNotAllowed(HTTPException):
    """The path is known, the method is not (RFC 9110 section 15.5.6)."""

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        allow = ", ".join(allowed)
        super().__init__(405, f"{method} is not possible here. Possible are: {allow}.", {"Allow": allow})


class NotAcceptable(ClientProblem):  # type: ignore[misc]
    """No media type that the operation produces is one that the client accepts (RFC 9110 section 15.5.7)."""

    def __init__(self, produced: Iterable[str]) -> None:
        super().__init__(406, "Not Acceptable", detail=f"This operation answers with {' or '.join(produced)}.")


class BodyTimeout(ClientProblem):  # type: ignore[misc]
    """The request's body did not arrive in time (RFC 9110 section 15.5.9)."""

    def __init__(self) -> None:
        super().__init__(408, "Request Timeout", detail="The request's body did not arrive in time.")
        self.headers = {"Connection": "close"}


class BodyTooLarge(ClientProblem):  # type: ignore[misc]
    """The request's body is over the limit (RFC 9110 section 15.5.14)."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, "Content Too Large", detail=f"A request's body may have {limit:,} bytes here.")
        self.headers = {"Connection": "close"}


class UnsupportedMediaType(UnsupportedMediaTypeProblem):  # type: ignore[misc]
    """The operation takes no body of that media type (RFC 9110 section 15.5.16)."""

    def __init__(self, received: str, accepted: Iterable[str]) -> None:
        super().__init__(detail=f"This operation takes {' or '.join(accepted)}, not {received}.")


class Unauthenticated(OAuthProblem):  # type: ignore[misc]
    """Nobody has proved who is calling (RFC 9110 section 15.5.2)."""

    def __init__(self, detail: str = "No authorization token provided") -> None:
        super().__init__(detail=detail)


class TokenRefused(Unauthenticated):
    """The token is not valid (RFC 6750 section 3.1, invalid_token)."""

    challenge = 'error="invalid_token"'


class InsufficientScope(ProblemException):  # type: ignore[misc]
    """The token is valid, but is not for this (RFC 6750 section 3.1, insufficient_scope)."""

    def __init__(self, missing: Iterable[str], wanted: Iterable[str]) -> None:
        lacking, scope = " ".join(sorted(missing)), " ".join(sorted(wanted))
        super().__init__(
            status=403,
            title="Forbidden",
            detail=f"The token lacks the scope {lacking}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            ext={"missing_scopes": lacking.split()},
        )


class SignatureRefused(ProblemException):  # type: ignore[misc]
    """The request is signed, but the signature does not hold. Clients of AWS know its name from `x-amzn-ErrorType`."""

    def __init__(self, kind: str, detail: str, *, status: int = 403, **more: Any) -> None:
        super().__init__(
            status=status, title=phrase(status), detail=detail, headers={"x-amzn-ErrorType": kind}, ext=more
        )


class NotAuthorised(ProblemException):  # type: ignore[misc]
    """Who calls is known, and may not. Why stands in the log, and in `portico policy explain`."""

    def __init__(self, role: str, operation: str) -> None:
        super().__init__(
            status=403,
            title="Forbidden",
            detail=f"The role {role} may not call {operation}.",
            headers={"x-amzn-ErrorType": "AccessDeniedException"},
        )


class KeyRefused(Unauthenticated):
    """The API key does not count. Whether it is unknown, disabled or over stands in the log only."""

    def __init__(self) -> None:
        super().__init__("The API key is not valid.")


class KeyNotAllowed(ProblemException):  # type: ignore[misc]
    """The API key counts, but not for this. Which API, stage, network or plan is not told."""

    def __init__(self) -> None:
        super().__init__(status=403, title="Forbidden", detail="The API key may not be used for this.")


class TooManyRequests(ProblemException):  # type: ignore[misc]
    """A limit is reached (RFC 6585 section 4)."""

    def __init__(self, detail: str, *, retry_after: float, **more: Any) -> None:
        """Say so.

        Args:
            detail: which limit.
            retry_after: seconds, rounded up to whole ones (RFC 9110 section 10.2.3).
            more: members of the problem document.
        """
        seconds = max(math.ceil(retry_after), 1)
        super().__init__(
            status=429,
            title="Too Many Requests",
            detail=detail,
            headers={"Retry-After": str(seconds)},
            ext={**more, "retry_after": seconds},
        )


class LimitsUnknown(ProblemException):  # type: ignore[misc]
    """The store of limits cannot be reached, and the plan says to deny then."""

    def __init__(self) -> None:
        super().__init__(
            status=503,
            title="Service Unavailable",
            detail="Nobody can say now how much is left of a limit. Try again shortly.",
            headers={"Retry-After": "1"},
        )


class ReplyDoesNotConform(NonConformingResponse):  # type: ignore[misc]
    """The handler returned what the document forbids. The faults are for the log; the client learns nothing of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(detail="The server's answer did not fit its own description.")
        self.faults = tuple(faults)


class HandlerNotWritten(ResolverProblem):  # type: ignore[misc]
    """The operation is in the document, but nobody has written its handler."""

    def __init__(self, detail: str = "This operation is described, but not written yet.") -> None:
        super().__init__(501, detail=detail)


class HandlerTimeout(ServerError):  # type: ignore[misc]
    """The handler took longer than `handler_timeout`."""

    def __init__(self) -> None:
        super().__init__(504, "Gateway Timeout", detail="The operation took too long.")


def document(
    status: int, *, title: str | None, detail: str | None, request_id: str, kind: str | None = None, **more: Any
) -> bytes:
    """A problem document.

    Args:
        status: the HTTP status code.
        title: what kind of problem it is; the status's phrase where there is none.
        detail: this occurrence, for people; the status's phrase where nobody said more (Connexion always has one).
        request_id: what the operator finds in the log.
        kind: a URI for the type; "about:blank" where there is none (RFC 9457 section 4.2.1).
        more: extension members; those that are None are left out.
    """
    members = {
        "type": kind or "about:blank",
        "title": title or phrase(status),
        "status": status,
        "detail": detail or phrase(status),
        **more,
        "request_id": request_id,
    }
    return encode.json({name: value for name, value in members.items() if value is not None})


def of_exception(error: ProblemException, request_id: str) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body that answer a problem that was raised.

    Detail of a fault on the server's side is for the log: the client gets it only where the project itself wrote it
    (a ProblemException of its own), never from an exception that passed by.
    """
    extension: Mapping[str, Any] = error.ext if isinstance(error.ext, Mapping) else {}
    body = document(
        error.status,
        title=error.title,
        detail=error.detail,
        request_id=request_id,
        kind=error.type,
        **{"instance": error.instance, **{str(name): value for name, value in extension.items()}},
    )
    headers = {str(name): str(value) for name, value in (error.headers or {}).items()}
    return error.status, headers, body


def phrase(status: int) -> str:
    """The phrase of a status code."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Problem"
