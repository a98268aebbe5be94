"""The synchronous client: carries out plans, waiting for each step."""

from __future__ import annotations

import functools
import ssl
import threading
import time
import webbrowser
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import random as _random
from typing import Any, ClassVar, ParamSpec, Self, TypeVar

from .absent import ABSENT
from .call import perform
from .compression import Inflater
from .core import Core
from .errors import BadArgument, UnexpectedAnswer
from .hooks import Hooks
from .identity import Tokens
from .operation import Arguments, Operation
from .options import Keys, Options, Retries, Settings, Signing, Token
from .pages import Pager
from .payload import CHUNK
from .request import Incoming, Received, Transport
from .response import Response
from .sdk import Sdk
from .steps import Once, Open, Plan, Send, Sleep, Step
from .stores import TokenStore
from .streams import Download, EventStream, LineStream
from .transport import HttpTransport

T = TypeVar("T")
P = ParamSpec("P")
_STREAMS: Mapping[str, Any] = {"binary": Download, "events": EventStream, "jsonl": LineStream}


class Driver:
    """Does what plans ask for.

    Args:
        transport: carries requests.
        sleep: waits for some seconds.
    """

    def __init__(self, transport: Transport, sleep: Callable[[float], Any]) -> None:
        self._transport = transport
        self._sleep = sleep
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def run(self, plan: Plan[T]) -> T:
        """Carry out a plan.

        Args:
            plan: what to do.
        """
        try:
            step = next(plan)
            while True:
                try:
                    outcome = self._do(step)
                except Exception as error:
                    step = plan.throw(error)
                else:
                    step = plan.send(outcome)
        except StopIteration as stop:
            found: T = stop.value
            return found
        finally:
            plan.close()

    def _do(self, step: Step) -> Any:
        if isinstance(step, Send):
            return self._send(step)
        if isinstance(step, Sleep):
            return self._sleep(step.seconds)
        if isinstance(step, Once):
            with self._locks[step.name]:
                return self.run(step.plan())
        if isinstance(step, Open):
            return _STREAMS[step.kind](step, self.run)
        return step.function()

    def _send(self, step: Send) -> Received:
        incoming = self._transport.send(step.request)
        if step.stream and incoming.status < 300 and incoming.status != 204:
            return Received(incoming.status, incoming.headers, stream=incoming)
        return Received(incoming.status, incoming.headers, _whole(incoming, step))


def _whole(incoming: Incoming, step: Send) -> bytes:
    inflater, parts = Inflater(incoming.headers, step.limit), []
    try:
        while chunk := incoming.read(CHUNK):
            parts.append(inflater.feed(chunk))
        inflater.end()
    except ValueError as error:
        raise UnexpectedAnswer(step.operation, str(error), status=incoming.status) from None
    finally:
        incoming.close()
    return b"".join(parts)


class Client:
    """What all synchronous clients do."""

    _sdk_: ClassVar[Sdk]

    # As long as the list of options is: editors and type checkers show each of them, with what it means, only where
    # it is written out.
    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: Keys | None = None,
        access_token: Token | None = None,
        tokens: Tokens | None = None,
        basic: tuple[str, str] | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: Sequence[str] | None = None,
        credentials: Signing | None = None,
        role: str | None = None,
        region: str | None = None,
        token_store: TokenStore | None = None,
        trusted_origins: Sequence[str] = (),
        timeout: float = 30.0,
        deadline: float | None = None,
        retries: Retries | int = Retries(),  # noqa: B008  it is frozen
        max_answer: int = 100_000_000,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        hooks: Hooks = Hooks(),  # noqa: B008  it is frozen
        transport: Transport | None = None,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Any] = time.sleep,
        random: Callable[[], float] = _random,
        browser: Callable[[str], bool] = webbrowser.open,
    ) -> None:
        """Make ready; nothing is sent yet.

        Args:
            base_url: an origin, to which the document's base path is added, or the whole base; the document's own
                server where it is left out.
            api_key: of the only scheme with keys, or by the names of schemes.
            access_token: a token, or a function that gives one; it is called for each attempt.
            tokens: of an earlier sign-in; they are renewed by themselves.
            basic: user name and password.
            client_id: of the application, for `login()` and client credentials.
            client_secret: of the application: it gets its tokens by itself.
            scopes: that are asked for.
            credentials: to sign with, or a function that gives them.
            role: that is asked for when a token becomes credentials.
            region: that is signed for.
            token_store: keeps the tokens of `login()`; in memory where it is left out.
            trusted_origins: further ones that are shown who calls, where operations have servers of their own.
            timeout: seconds for connecting, and between two reads.
            deadline: seconds for a whole call, with its retries; none where it is left out.
            retries: how often, and when; or only how often.
            max_answer: bytes of an answer that is no stream.
            headers: sent with every request.
            user_agent: in place of this package's own.
            hooks: told of what happens.
            transport: carries requests.
            ssl_context: of TLS.
            clock: seconds since the epoch.
            sleep: waits for some seconds.
            random: gives a number from 0 to 1.
            browser: opens an address.

        Raises:
            BadArgument: something of these cannot be.
        """
        settings = Settings(
            base_url=base_url,
            api_key=api_key,
            access_token=access_token,
            tokens=tokens,
            basic=basic,
            client_id=client_id,
            client_secret=client_secret,
            scopes=scopes,
            credentials=credentials,
            role=role,
            region=region,
            token_store=token_store,
            trusted_origins=trusted_origins,
            timeout=timeout,
            deadline=deadline,
            retries=retries,
            max_answer=max_answer,
            headers=headers or {},
            user_agent=user_agent,
            hooks=hooks,
            clock=clock,
            random=random,
            browser=browser,
        )
        self._core = Core(self._sdk_, settings)
        self._transport = transport or HttpTransport(context=ssl_context, clock=clock)
        self._driver = Driver(self._transport, sleep)

    def login(
        self,
        *,
        device: bool | None = None,
        timeout: float = 300.0,
        show: Callable[[str], object] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        """Sign in through the browser, or on another device.

        Args:
            device: whether on another device; None: where this one has no browser, and the provider offers it.
            timeout: seconds for the person.
            show: told where to go; it is written to standard error where this is left out.
            parameters: further ones of the sign-in, such as login_hint.

        Raises:
            SignInFailed: it did not work.
        """
        session = self._core.authority.session
        self._driver.run(session.login(device=device, patience=timeout, extra=parameters or {}, show=show))

    def logout(self) -> None:
        """Give the refresh token back, and forget everything about the sign-in.

        Raises:
            SignInFailed: it is forgotten here, but the provider did not take it back.
        """
        self._driver.run(self._core.authority.session.logout())

    @property
    def signed_in(self) -> bool:
        """Whether there is a token, or one can be had without asking a person."""
        return self._core.authority.session.has_token

    def raw(self, method: Callable[P, T]) -> Callable[P, Response[T]]:
        """A method of this client that gives the whole answer: data, status, headers, request id.

        Args:
            method: such as `client.get_order`.
        """
        function = getattr(method, "__func__", None)
        if function is None or getattr(method, "__self__", None) is not self:
            raise BadArgument("raw() takes a method of this client: client.raw(client.operation)(...).")

        @functools.wraps(method)
        def whole(*arguments: P.args, **named: P.kwargs) -> Response[T]:
            view = _Raw(self)
            function(view, *arguments, **named)
            return view.response

        return whole

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._core.base.origin + self._core.base.path!r})"

    def _call(
        self,
        operation: Operation,
        options: Options | None,
        parameters: Sequence[Any] = (),
        body: Any = ABSENT,
        properties: Sequence[Any] = (),
    ) -> T:  # type: ignore[type-var]  # what it gives is what the method says
        found: T = self._respond(operation, options, parameters, body, properties).data
        return found

    def _respond(
        self,
        operation: Operation,
        options: Options | None,
        parameters: Sequence[Any] = (),
        body: Any = ABSENT,
        properties: Sequence[Any] = (),
    ) -> Response[Any]:
        return self._driver.run(perform(self._core, operation, Arguments(parameters, body, properties), options))

    def _iterate(
        self,
        operation: Operation,
        options: Options | None,
        parameters: Sequence[Any] = (),
        body: Any = ABSENT,
        properties: Sequence[Any] = (),
    ) -> Iterator[Any]:
        pager = Pager(self._core, operation, Arguments(parameters, body, properties), options)
        while pager.goes_on:
            yield from self._driver.run(pager.fetch())


class _Raw:
    """Stands in the place of a client for one call, and keeps the whole answer."""

    response: Response[Any]

    def __init__(self, client: Client) -> None:
        self._client = client

    def _call(self, *arguments: Any) -> Any:
        self.response = self._client._respond(*arguments)
        return self.response.data

    def _iterate(self, *_: Any) -> Any:
        raise BadArgument("raw() takes a method that gives one answer; each page of an iterator is one.")
