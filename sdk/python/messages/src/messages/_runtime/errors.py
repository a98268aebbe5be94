"""What can go wrong.

    SdkError
    ├── ApiError                      the server said no
    │   ├── BadRequest                400
    │   ├── Unauthorized              401
    │   ├── Forbidden                 403
    │   ├── NotFound                  404
    │   ├── Conflict                  409
    │   ├── UnprocessableContent      422
    │   ├── TooManyRequests           429
    │   └── ServerError               5xx
    ├── ConnectionFailed              no answer
    │   └── TimedOut                  not in time
    ├── UnexpectedAnswer              an answer that cannot be read as the document says
    ├── NotSignedIn                   nobody is signed in, and the operation asks for it
    ├── SignInFailed                  signing in did not work
    ├── BadArgument (TypeError)       an argument that cannot be sent
    └── DoesNotFit (ValueError)       a value that is not as the document says, in `Model.from_dict`

No text of these shows a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .headers import Headers

_SHOWN = 300  # characters of a text that a server wrote
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


class SdkError(Exception):
    """The root of this tree."""

    def __init__(self, text: str = "") -> None:
        super().__init__(harmless(text))

    def __reduce__(self) -> tuple[Any, ...]:  # what they are made of is more than a text
        return _made_again, (type(self), self.args, self.__dict__)


def _made_again(kind: type[SdkError], args: tuple[Any, ...], members: Mapping[str, Any]) -> SdkError:
    found: SdkError = kind.__new__(kind, *args)
    found.__dict__.update(members)
    return found


def harmless(text: str) -> str:
    """A text without what would steer a terminal, break a line of a log, or turn the direction of what follows.

    Args:
        text: that somebody else wrote, or part of it.
    """
    return _STEERING.sub(" ", text)


@dataclass(frozen=True, slots=True)
class Problem:
    """What the server says went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str = ""
    status: int | None = None
    detail: str = ""
    instance: str = ""
    errors: tuple[Any, ...] = ()  # every fault, where the server lists them
    members: Mapping[str, Any] = field(default_factory=dict)  # all of the document, as it came

    @classmethod
    def read(cls, members: Mapping[str, Any]) -> Problem:
        """A problem document; members of the wrong type are left to `members`.

        Args:
            members: of the JSON object.
        """
        texts = {name: members[name] for name in ("type", "title", "detail", "instance") if _is_text(members, name)}
        status, errors = members.get("status"), members.get("errors")
        return cls(
            **texts,
            status=status if type(status) is int else None,
            errors=tuple(errors) if isinstance(errors, list) else (),
            members=members,
        )


class ApiError(SdkError):
    """The server said no."""

    def __init__(
        self,
        operation: str,
        status: int,
        headers: Headers,
        body: bytes,
        problem: Problem,
        retry_after: float | None = None,
    ) -> None:
        self.operation = operation
        self.status = status
        self.headers = headers
        self.body = body
        self.problem = problem
        self.retry_after = retry_after  # seconds
        self.request_id = _request_id(problem, headers)
        told = problem.detail or problem.title
        known = f" (request {self.request_id[:_SHOWN]})" if self.request_id else ""
        super().__init__(f"{operation}: {status}{f': {told[:_SHOWN]}' if told else ''}{known}")

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)


class BadRequest(ApiError):
    """400: the request does not fit the document."""


class Unauthorized(ApiError):
    """401: nobody has proved who calls, or the proof does not count any more."""


class Forbidden(ApiError):
    """403: whoever calls is known, and may not."""


class NotFound(ApiError):
    """404: there is nothing there."""


class Conflict(ApiError):
    """409: it does not go together with what there is."""


class UnprocessableContent(ApiError):
    """422: the request fits the document, and yet it cannot be done."""


class TooManyRequests(ApiError):
    """429: a limit is reached; `retry_after` says when there is more."""


class ServerError(ApiError):
    """5xx: the server failed."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: UnprocessableContent,
    429: TooManyRequests,
}


def kind(status: int) -> type[ApiError]:
    """The class of a status.

    Args:
        status: of the answer.
    """
    return _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)


class ConnectionFailed(SdkError):
    """No answer."""

    def __init__(self, text: str, *, reached: bool = True) -> None:
        super().__init__(text)
        self.reached = reached  # whether the server may have got the request


class TimedOut(ConnectionFailed):
    """No answer in time."""


class UnexpectedAnswer(SdkError):
    """An answer that cannot be read as the document says."""

    def __init__(self, operation: str, text: str, *, pointer: str = "", status: int = 0, body: bytes = b"") -> None:
        super().__init__(f"{operation}: {text}" + (f" at {pointer[:_SHOWN]}" if pointer else ""))
        self.operation = operation
        self.pointer = pointer  # RFC 6901
        self.status = status
        self.body = body  # as it came


class NotSignedIn(SdkError):
    """Nobody is signed in, and the operation asks for it. Nothing was sent."""


class SignInFailed(SdkError):
    """Signing in did not work."""

    def __init__(self, text: str, *, error: str = "", description: str = "") -> None:
        super().__init__(text)
        self.error = error  # RFC 6749 section 5.2
        self.description = description


class BadArgument(SdkError, TypeError):
    """An argument that cannot be sent. Nothing was sent."""


class DoesNotFit(SdkError, ValueError):
    """A value that is not as the document says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self._way: list[str] = []

    @property
    def pointer(self) -> str:
        """The place of the value (RFC 6901)."""
        return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in reversed(self._way))

    def inside(self, step: str | int) -> DoesNotFit:
        """The same fault, told from one level further out.

        Args:
            step: the property or index that it was found in.
        """
        self._way.append(str(step))
        return self

    def __str__(self) -> str:
        return harmless(f"{self.reason} at {self.pointer}") if self._way else harmless(self.reason)


def _is_text(members: Mapping[str, Any], name: str) -> bool:
    return isinstance(members.get(name), str)


def _request_id(problem: Problem, headers: Headers) -> str:
    told = problem.members.get("request_id")
    return told if isinstance(told, str) else request_id(headers)


def request_id(headers: Headers) -> str:
    """What to name when reporting a problem; empty where the server gives nothing.

    Args:
        headers: of the answer.
    """
    return headers.get("x-request-id") or headers.get("x-amzn-requestid") or ""
