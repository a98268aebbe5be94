"""The documents that run, as the documentation shows them: `/specs/{api}.json`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import orjson
from starlette.types import Receive, Scope, Send

from portico import design
from portico.design.model import Api
from portico.site import headers
from portico.site.answer import Answer, Request, method_not_allowed, problem
from portico.site.content import Text, answer

PREFIX = "/specs/"

_HEADERS = [("cache-control", "no-cache"), *headers.security("application/json")]


def address(api: Api) -> str:
    """Where an API's document is served."""
    return f"{PREFIX}{quote(api.name)}.json"


class Specs:
    """An ASGI application that serves the document of each API, in one piece and in its own version of OpenAPI.

    A document is put together when it is first asked for, off the event loop, and then kept.

    Args:
        apis: the APIs that run.
    """

    def __init__(self, apis: Sequence[Api]) -> None:
        self._apis = {f"{PREFIX}{api.name}.json": api for api in apis}
        self._texts: dict[str, asyncio.Task[Text]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request.of(scope)
        await (await self._answer(request)).send(request, receive, send)

    async def _answer(self, request: Request) -> Answer:
        if request.path not in self._apis:
            return problem(request, 404, "There is no document of that name.")
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed(request)
        return await answer(request, await self._text(request.path), _HEADERS)

    async def _text(self, path: str) -> Text:
        """The document's text; many who ask at once wait for the same one."""
        task = self._texts.get(path)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._texts[path] = asyncio.create_task(asyncio.to_thread(_publish, self._apis[path]))
        return await asyncio.shield(task)


def _publish(api: Api) -> Text:
    return Text(orjson.dumps(design.published(api, api.base_path)), "application/json")
