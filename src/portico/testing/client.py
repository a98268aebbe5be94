"""The client of a whole project."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from httpx2 import Auth
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from portico import project as projects
from portico.design.model import Api, Operation
from portico.design.request import UnfitArguments, build_request
from portico.design.style import Value
from portico.secret import Secret
from portico.testing.isolation import ORIGIN, imports, state
from portico.testing.keys import ApiKey, Both, KeyFields, Keys, keys_of
from portico.testing.people import BearerToken, People, Signature, people_of

if TYPE_CHECKING:
    from httpx2 import Response

    from portico.identity.mail import Mail

T = TypeVar("T")


class Client(TestClient):
    """Starlette's test client (and so httpx's interface), which knows the project's operations and people too."""

    def __init__(
        self,
        app: ASGIApp,
        apis: Sequence[Api],
        *,
        raise_server_exceptions: bool = False,
        people: People | None = None,
        keys: Keys | None = None,
    ) -> None:
        """Make a client.

        Args:
            app: what answers.
            apis: the designs whose operations can be called.
            raise_server_exceptions: raise what the application raises, instead of showing its answer.
            people: of the project's user pool.
            keys: of the project, where it declares usage plans.
        """
        super().__init__(app, base_url=ORIGIN, raise_server_exceptions=raise_server_exceptions)
        self._apis = tuple(apis)
        self._people = people
        self._keys = keys
        self._identity: Auth | None = None  # who calls
        self._key: Auth | None = None  # with which API key
        self._raises = raise_server_exceptions

    def as_user(
        self,
        username: str,
        *,
        groups: Sequence[str] = (),
        scopes: Sequence[str] | None = None,
        claims: Mapping[str, Any] | None = None,
    ) -> Client:
        """The same project, called by somebody who is signed in: with an access token, which is verified as any other.

        Args:
            username: who; made when there is nobody of that name yet.
            groups: that they are in from now on, besides those they are in.
            scopes: of the token; all of the pool where it is None.
            claims: more claims of the token, as a `pre_token` trigger would add them.

        Raises:
            NoPool: the project declares no user pool.
        """
        token = self._run(people_of(self._people).token, username, groups, scopes, claims or {})
        return self._view(BearerToken(token), self._key)

    def signed(self, *, role: str | None = None, as_user: str | None = None, groups: Sequence[str] = ()) -> Client:
        """The same project, called with signed requests (AWS Signature Version 4) and temporary credentials.

        Args:
            role: of `auth/roles.yaml`; where it is None, the one that the person may take.
            as_user: the person whose credentials they are; None: nobody's, as a machine's.
            groups: that the person is in from now on.

        Raises:
            NoPool: the project declares no user pool.
            NoRole: neither a role is named, nor may the person take one.
        """
        people = people_of(self._people)
        credentials = self._run(people.credentials, role, as_user, groups)
        return self._view(Signature(credentials, region=people.region, clock=people.clock), self._key)

    def with_key(
        self,
        plan: str | None = None,
        *,
        name: str = "testing",
        secret: str | Secret | None = None,
        **fields: Unpack[KeyFields],
    ) -> Client:
        """The same project, called with an API key; who calls stays who it was: `as_user("ada").with_key()`.

        The key stands where the design of each operation wants it, in a header, a cookie or the query.

        Args:
            plan: of `auth/plans.yaml`, for a key that is made; may be left out where there is one plan.
            name: of the key that is made.
            secret: send this one, and make none.
            fields: more of the key that is made: owner, tags, expires_at, apis, stages, networks, user_id, client_id.

        Raises:
            ApiKeyInvalid: a key cannot have such a value.
            NoPlans: the project declares no usage plans.
            WhichPlan: there are several plans, and none is named.
        """
        if secret is None:
            secret = self._run(keys_of(self._keys).make, plan, name, fields)
        return self._view(self._identity, ApiKey(secret.reveal() if isinstance(secret, Secret) else secret, self._apis))

    def mails(self) -> Sequence[Mail]:
        """What was mailed to people, the newest first: with `code` and `link`, as a test needs them.

        Raises:
            NoPool: the project declares no user pool.
        """
        return self._run(people_of(self._people).mails)

    def _view(self, identity: Auth | None, key: Auth | None) -> Client:
        view = Client(self.app, self._apis, raise_server_exceptions=self._raises, people=self._people, keys=self._keys)
        view._identity, view._key = identity, key
        callers = [one for one in (key, identity) if one is not None]
        view.auth = callers[0] if len(callers) == 1 else Both(*callers)
        view.portal = self.portal  # the same event loop: the project's state belongs to it
        return view

    def _run(self, function: Callable[..., Awaitable[T]], *arguments: object) -> T:
        if self.portal is None:
            raise RuntimeError("The client is used inside its `with` only.")
        return self.portal.call(function, *arguments)

    def operation(
        self,
        operation_id: str,
        *,
        body: object = None,
        api: str | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        arguments: Mapping[str, Value] | None = None,
        **more: Value,
    ) -> Response:
        """Call an operation. Nothing is checked before it is sent, so wrong calls can be tested too.

        Args:
            operation_id: its id in the document.
            body: bytes are sent as they are, anything else is encoded as the document says.
            api: the design's name, where several have an operation of that id.
            headers: more headers.
            content_type: one of the body's media types, where there are several.
            arguments: parameters whose names are none in Python, or the name of an argument here: {"path.body": 1}.
            more: parameters, by their name in the document or in handlers: productId="1", product_id="1".

        Raises:
            UnfitArguments: there is no such operation or parameter, or a parameter of the path is missing.
        """
        found, operation = self._find(operation_id, api)
        request = build_request(found, operation, {**(arguments or {}), **more}, body, content_type=content_type)
        return self.request(
            request.method, request.url, content=request.content, headers={**request.headers, **(headers or {})}
        )

    def _find(self, operation_id: str, name: str | None) -> tuple[Api, Operation]:
        found = [
            (api, operation)
            for api in self._apis
            if name in (None, api.name)
            for operation in api.operations
            if operation.id == operation_id
        ]
        if len(found) == 1:
            return found[0]
        where = " or ".join(f"api={api.name!r}" for api, _ in found)
        if found:
            raise UnfitArguments(f"{operation_id} is an operation of several APIs. Say which: {where}.")
        known = ", ".join(f"{api.name}.{operation.id}" for api in self._apis for operation in api.operations)
        raise UnfitArguments(f"There is no operation {operation_id!r}. There are: {known or 'none'}.")


@contextlib.contextmanager
def client(root: str | Path = ".", *, mock: bool = False, raise_server_exceptions: bool = False) -> Iterator[Client]:
    """A client for a whole project, as `portico serve` would serve it: its APIs, pages, health and metrics.

    The project's configuration and the PORTICO_* variables hold, but for its state: the database is a new one that
    nobody else sees, mails stay in memory, and the origin is https://testserver. One client at a time: handlers are
    modules of Python, and a process has each of those once.

    Args:
        root: the project's folder, or one below it.
        mock: answer unwritten operations with examples.
        raise_server_exceptions: raise what a handler raises; by default a test sees the 500 that a caller would see.

    Raises:
        ConfigError: there is no project, or what it declares cannot be.
        DesignError: a document has faults, or handlers do not fit it.
        HandlerError: a handler cannot be used.
    """
    from portico.server import assemble, startup
    from portico.server.health import State

    folder = projects.find_root(Path(root))
    with imports(folder), state(startup.read(folder, mock=mock)) as project:
        service = assemble.service(project, mock=mock)
        service.readiness.state = State.READY
        people = None if service.identity is None else People(service.identity, project.config)
        keys = None if service.plans is None else Keys(service.plans, project.apis)
        with Client(
            service.gateway, project.apis, raise_server_exceptions=raise_server_exceptions, people=people, keys=keys
        ) as ready:
            yield ready
