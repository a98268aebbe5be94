"""Handlers: what they take, found out once; and how they are called.

Conventions are Connexion's: arguments by name, the body as `body` (or as the document names it), files by their field,
`user`, `token_info` and whatever else middlewares put into the context, `context_` for all of it. Portico adds `ctx`
and gives header and cookie parameters to handlers that name them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import anyio.to_thread
from connexion.decorators.parameter import unwrap_decorators
from starlette.responses import Response

from portico.context import Context, caller_of
from portico.errors import NotWritten
from portico.gateway.exchange import Exchange
from portico.gateway.mock import MockResponder
from portico.gateway.problems import HandlerNotWritten

Handler = Callable[..., Any]


class Signature:
    """What a handler takes."""

    def __init__(self, function: Handler) -> None:
        unwrapped = unwrap_decorators(function)
        parameters = inspect.signature(unwrapped).parameters.values()
        self.names = frozenset(p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
        self.has_kwargs = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.required = frozenset(p.name for p in parameters if p.name in self.names and p.default is p.empty)

    def takes(self, name: str) -> bool:
        """Whether an argument of that name can be given."""
        return self.has_kwargs or name in self.names


def is_async(function: Handler) -> bool:
    """Whether calling gives a coroutine: also for partials and objects with an asynchronous `__call__`."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


class Call:
    """The step `call` of one operation: the handler's answer becomes `x.result`."""

    def __init__(
        self,
        function: Handler,
        signature: Signature,
        *,
        described: frozenset[str] = frozenset(),
        optional: frozenset[str] = frozenset(),
        timeout: float = 29.0,
        mock: MockResponder | None = None,
    ) -> None:
        """Compile.

        Args:
            function: the handler.
            signature: what it takes.
            described: arguments that come from the document; any other has to be looked for.
            optional: arguments that a request need not have; those without a default in the handler become None.
            timeout: seconds that the handler may take.
            mock: what answers for a stub; None: 501.
        """
        self._function = function
        self._signature = signature
        self._nones = dict.fromkeys(optional & signature.required)
        self._wants_context = "context_" in signature.names
        self._wants_ctx = "ctx" in signature.names
        self._timeout = timeout
        self._mock = mock
        self._wants_more = signature.has_kwargs or bool(self._nones) or bool(signature.names - described)
        self._call = function if is_async(function) else self._in_thread

    def arguments(self, x: Exchange) -> dict[str, Any]:
        """The keyword arguments of the call."""
        arguments = x.arguments
        if self._nones:
            arguments = {**self._nones, **arguments}
        for name, value in x.context.items():
            if self._signature.takes(name):
                arguments[name] = value
        if self._wants_context:
            arguments["context_"] = x.context
        if self._wants_ctx:
            arguments["ctx"] = Context(request_id=x.request_id, caller=caller_of(x.caller))
        return arguments

    async def __call__(self, x: Exchange) -> None:
        """Call the handler; a stub is answered with 501, or by the mock.

        Raises:
            HandlerNotWritten: the handler is a stub.
        """
        x.deadline = x.mark + self._timeout
        try:
            x.result = await self._call(**(self.arguments(x) if self._wants_more else x.arguments))
        except NotWritten:
            if self._mock is None:
                raise HandlerNotWritten from None
            x.mocked = True
            status, headers, body = self._mock.answer(x.header(b"prefer"), x.header(b"accept"))
            x.result = Response(body, status, headers)
        x.deadline = 0.0

    async def _in_thread(self, /, **arguments: Any) -> Any:
        bound = functools.partial(self._function, **arguments)
        result = await anyio.to_thread.run_sync(bound, abandon_on_cancel=True)
        return await result if inspect.isawaitable(result) else result
