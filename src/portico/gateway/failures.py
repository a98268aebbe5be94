"""From an exception to an answer: the project's error handlers first, then a problem document.

Handlers are found as Connexion finds them: by status code, then by the exception's class and its bases.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable
from typing import Any

from connexion.exceptions import NonConformingResponse, ProblemException
from connexion.lifecycle import ConnexionResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from portico.errors import Unavailable
from portico.gateway import problems
from portico.gateway.exchange import Exchange
from portico.gateway.problems import ReplyDoesNotConform
from portico.gateway.reply import Reply, split_headers

logger = logging.getLogger(__name__)

ErrorHandler = Callable[..., Any]


class Failures:
    """Answers for everything that can be raised while a request is served."""

    def __init__(self, handlers: Iterable[tuple[int | type[Exception], ErrorHandler]]) -> None:
        self._by_status: dict[int, ErrorHandler] = {}
        self._by_class: dict[type[Exception], ErrorHandler] = {}
        for key, handler in handlers:
            if isinstance(key, int):
                self._by_status[key] = handler
            else:
                self._by_class[key] = handler

    async def answer(self, x: Exchange, error: Exception) -> Reply | Response:
        """The answer for an exception."""
        handler = self._handler(error)
        if handler is None:
            return _problem(x, error)
        request = x.connexion_request()
        if inspect.iscoroutinefunction(handler):
            answer = await handler(request, error)
        else:
            answer = await run_in_threadpool(handler, request, error)
        while inspect.isawaitable(answer):
            answer = await answer
        return answer if isinstance(answer, Response) else _of_connexion(answer)

    def _handler(self, error: Exception) -> ErrorHandler | None:
        """The project's handler, unless one of our own is nearer to the exception's class."""
        if isinstance(error, HTTPException) and error.status_code in self._by_status:
            return self._by_status[error.status_code]
        for kind in type(error).__mro__:
            if kind in self._by_class:
                return self._by_class[kind]
            if kind in (ProblemException, HTTPException):
                return None
        return None


def _problem(x: Exchange, error: Exception) -> Reply:
    name = x.operation.name if x.operation is not None else x.path[:200]
    if isinstance(error, NonConformingResponse):
        if not isinstance(error, ReplyDoesNotConform):
            logger.error("%s: %s request_id=%s", name, error.detail, x.request_id)
        error = ReplyDoesNotConform(())
    if isinstance(error, ProblemException):
        status, headers, body = problems.of_exception(error, x.request_id)
        if status >= 500 and status != 501:
            logger.error("%s: %s: %s request_id=%s", name, type(error).__name__, error.detail, x.request_id)
    elif isinstance(error, Unavailable):
        logger.error("%s: %s request_id=%s", name, error, x.request_id)
        status, headers = 503, {"Retry-After": "1"}
        body = problems.document(503, title=None, detail="Please try again shortly.", request_id=x.request_id)
    elif isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
        body = problems.document(status, title=None, detail=error.detail, request_id=x.request_id)
    else:
        logger.error("%s: %s request_id=%s", name, type(error).__name__, x.request_id, exc_info=error)
        status, headers = 500, {}
        body = problems.document(
            500, title=None, detail="The server failed. Quote the request_id to its operator.", request_id=x.request_id
        )
    return Reply(status, problems.CONTENT_TYPE, body, split_headers(headers)[1])


def _of_connexion(answer: ConnexionResponse) -> Reply:
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body or b""
    kind, headers = split_headers(answer.headers or {})
    return Reply(answer.status_code, kind or answer.content_type or answer.mimetype, body, headers)
