"""Signing in with another provider, from the button to the session.

    begin -> (the provider) -> callback -> whose account is it? -> in
                                        -> nobody's, but the e-mail address is known: link it, with the password
                                        -> nobody's: a new account, where people may make them

An account is linked only to whoever has shown both: that they are the other account's owner, with an e-mail address
that the provider has verified, and that they are the owner here. An address alone opens nothing.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.audit import Event
from portico.identity.federation import provider as other
from portico.identity.federation import repository
from portico.identity.federation.errors import (
    AnswerRefused,
    FederationError,
    NoAccount,
    ProviderUnreachable,
    SignInCancelled,
)
from portico.identity.federation.provider import Provider
from portico.identity.pages.arrival import arrive
from portico.identity.pages.desk import Desk
from portico.identity.pages.forms import secret
from portico.identity.pages.pages import Endpoint
from portico.identity.sessions import SignInVoid
from portico.identity.sessions.cookies import Cookie
from portico.identity.triggers import PostConfirmation, PreSignUp, TriggerError, Triggers
from portico.identity.users import accounts, names
from portico.identity.users import repository as users
from portico.identity.users.accounts import NewUser
from portico.identity.users.errors import UserError
from portico.identity.users.model import User
from portico.store import NotSealedHere

log = logging.getLogger("portico.identity.federation")

LIFETIME = 600.0  # seconds that somebody may take at the provider, and to type the password afterwards
PATH = "/federation/{provider}"
_PURPOSE = "federation"
_AMR = ("fed",)


class Journey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a browser carries along, sealed. It never counts as signed in."""

    provider: str
    return_to: str
    started_at: float  # seconds since the epoch
    state: str = ""
    nonce: str = ""
    verifier: str = ""
    subject: str = ""  # who came back, when there is a link to be made
    user_id: str = ""  # whom it is to be linked to


class Federation:
    """The addresses below `/federation`."""

    def __init__(self, desk: Desk, *, triggers: Triggers, environ: Mapping[str, str] = os.environ) -> None:
        """Know the pool's providers.

        Args:
            desk: the collaborators of the pages.
            triggers: the project's.
            environ: holds the secrets of clients.

        Raises:
            ConfigError: one is not there.
        """
        self._desk = desk
        self._triggers = triggers
        self._cookie = Cookie(desk.pool, "federation")
        pool = desk.pool
        self._providers = {
            name: Provider(
                name,
                declared,
                redirect_uri=f"{pool.issuer}/federation/{name}/callback",
                clock=pool.clock,
                environ=environ,
            )
            for name, declared in pool.settings.identity_providers.items()
        }

    def routes(self, guard: Callable[[Endpoint], Endpoint]) -> list[Route]:
        """The addresses, relative to the pool's path.

        Args:
            guard: answers an endpoint's errors with a page.
        """
        if not self._providers:
            return []
        return [
            Route(PATH, guard(self.begin), methods=["GET"]),
            Route(f"{PATH}/callback", guard(self.callback), methods=["GET"]),
            Route(f"{PATH}/link", guard(self.show_link), methods=["GET"]),
            Route(f"{PATH}/link", guard(self.link), methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider."""
        provider = self._providers.get(request.path_params["provider"])
        if provider is None:
            return self._desk.go(request, "/login")
        journey = Journey(
            provider=provider.name,
            return_to=request.query_params.get("return_to", ""),
            started_at=self._desk.pool.clock(),
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
        )
        try:
            response = self._desk.redirect(await provider.address(_asked(journey)))
        except FederationError as error:
            return self._refused(request, error)
        self._write(response, journey)
        return response

    async def callback(self, request: Request) -> Response:
        """Take the browser back."""
        journey = self._read(request)
        request = _carrying_on(request, journey)
        try:
            provider, journey = self._checked(request, journey)
            found = await provider.identity(_asked(journey), request.query_params)
            response = await self._arrived(request, provider, journey, found)
        except (FederationError, UserError, TriggerError, SignInVoid) as error:
            response = self._refused(request, error)
        carried = f"{self._cookie.name}="
        if not any(value.startswith(carried) for value in response.headers.getlist("set-cookie")):
            self._cookie.clear(response)
        return response

    def _checked(self, request: Request, journey: Journey | None) -> tuple[Provider, Journey]:
        """That the answer is for this browser, and that somebody signed in."""
        name, state = request.path_params["provider"], request.query_params.get("state", "")
        provider = self._providers.get(name)
        if provider is None or journey is None or journey.provider != name:
            raise AnswerRefused("the browser began no sign-in with this provider")
        if not journey.state or not hmac.compare_digest(state.encode(), journey.state.encode()):
            raise AnswerRefused("the state is not the one that was sent")
        if "error" in request.query_params or not request.query_params.get("code"):
            raise SignInCancelled(provider.title)
        return provider, journey

    async def _arrived(self, request: Request, provider: Provider, journey: Journey, found: other.Identity) -> Response:
        desk = self._desk
        user = await desk.pool.db.read(repository.user_of, found.issuer, found.subject)
        if user is None:
            holder = await desk.pool.db.read(_holder, found.email) if found.email else None
            if holder is not None and holder.email_verified and holder.has_password:
                return self._ask_to_link(request, journey, found, holder)
            user = await self._new(request, provider, found, free=holder is None)
        elif not user.enabled:
            raise NoAccount(provider.title)
        await desk.pool.db.tx(self._note, user.id, request, {"issuer": found.issuer})
        return await arrive(desk, request, user, amr=_AMR, started_at=journey.started_at)

    def _note(self, connection: sa.Connection, user_id: str, request: Request, details: Mapping[str, str]) -> None:
        desk = self._desk
        desk.audit.record(
            connection, Event.FEDERATED_SIGN_IN, user=user_id, source=desk.source(request), details=details
        )

    async def _new(self, request: Request, provider: Provider, found: other.Identity, *, free: bool) -> User:
        """An account for somebody whom nobody knows here. An address that somebody else has is left out."""
        desk, source = self._desk, self._desk.source(request)
        if desk.pool.settings.sign_up == "closed":
            raise NoAccount(provider.title)
        email = found.email if free else None
        name = names.generated().shown
        await self._triggers.pre_sign_up(PreSignUp(name, email or "", {}, source.address))
        new = NewUser(username=name, email=email, email_verified=email is not None, status="external")

        def work(connection: sa.Connection) -> User:
            now = desk.pool.clock()
            user = accounts.add(connection, desk.pool, desk.audit, new, now=now, source=source, by="federation")
            repository.link(connection, found.issuer, found.subject, user.id, now)
            return user

        try:
            user = await desk.pool.db.tx(work)
        except IntegrityError:
            raise AnswerRefused("somebody signed in with the same account at the same time") from None
        await self._triggers.post_confirmation(PostConfirmation(user, source.address))
        return user

    def _ask_to_link(self, request: Request, journey: Journey, found: other.Identity, holder: User) -> Response:
        step = Journey(
            provider=journey.provider,
            return_to=journey.return_to,
            started_at=journey.started_at,
            subject=found.subject,
            user_id=holder.id,
        )
        response = self._desk.go(request, f"/federation/{journey.provider}/link")
        self._write(response, step)
        return response

    async def show_link(self, request: Request) -> Response:
        """Ask whether the two accounts are one person's."""
        found = await self._to_link(request)
        if found is None:
            return self._desk.go(request, "/login", note="expired")
        provider, user, _ = found
        return self._desk.show(request, "federation_link.html", provider=provider.title, username=user.username)

    async def link(self, request: Request) -> Response:
        """Link them, for who knows the password."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await self._to_link(request)
        if found is None:
            return desk.go(request, "/login", note="expired")
        provider, user, journey = found
        request = _carrying_on(request, journey)
        try:
            signed_in = await desk.users.sign_in(user.username, secret(form), source=desk.source(request))
            if signed_in.id != user.id:
                raise AnswerRefused("another account was signed in")
            await desk.pool.db.tx(self._link, provider, journey, request)
            response = await arrive(desk, request, user, amr=("pwd", *_AMR), started_at=journey.started_at)
        except (UserError, TriggerError, SignInVoid, AnswerRefused) as error:
            title, name = provider.title, user.username
            return desk.refuse(request, "federation_link.html", error, provider=title, username=name)
        self._cookie.clear(response)
        return response

    def _link(self, connection: sa.Connection, provider: Provider, journey: Journey, request: Request) -> None:
        desk = self._desk
        if repository.user_of(connection, provider.issuer, journey.subject) is None:
            repository.link(connection, provider.issuer, journey.subject, journey.user_id, desk.pool.clock())
        details, source = {"issuer": provider.issuer}, desk.source(request)
        desk.audit.record(connection, Event.FEDERATED_LINKED, user=journey.user_id, source=source, details=details)

    async def _to_link(self, request: Request) -> tuple[Provider, User, Journey] | None:
        journey = self._read(request)
        provider = self._providers.get(request.path_params["provider"])
        if journey is None or provider is None or journey.provider != provider.name or not journey.user_id:
            return None
        user = await self._desk.users.by_id(journey.user_id)
        return None if user is None else (provider, user, journey)

    def _refused(self, request: Request, error: Exception) -> Response:
        reason = getattr(error, "reason", "")
        if reason:
            log.warning("a sign-in with another provider was refused: %s", reason)
        status = 502 if isinstance(error, ProviderUnreachable) else 400
        return self._desk.show(request, "federation_error.html", status=status, fault=str(error))

    def _write(self, response: Response, journey: Journey) -> None:
        plain = msgspec.json.encode(journey)
        sealed = self._desk.pool.secrets.seal_text(_PURPOSE, plain, bound_to=self._desk.pool.name)
        self._cookie.write(response, sealed, max_age=LIFETIME)

    def _read(self, request: Request) -> Journey | None:
        """What the browser carries; None where it carries nothing, or for too long."""
        sealed = self._cookie.read(request)
        if sealed is None:
            return None
        try:
            plain = self._desk.pool.secrets.open_text(_PURPOSE, sealed, bound_to=self._desk.pool.name)
            journey = msgspec.json.decode(plain, type=Journey)
        except (NotSealedHere, msgspec.DecodeError):
            return None
        return journey if self._desk.pool.clock() < journey.started_at + LIFETIME else None


def _asked(journey: Journey) -> other.Request:
    return other.Request(journey.state, journey.nonce, journey.verifier)


def _holder(connection: sa.Connection, email: str) -> User | None:
    """Who has an address here."""
    return users.by_email(connection, names.email(email).key)


def _carrying_on(request: Request, journey: Journey | None) -> Request:
    """The request as if it carried where the browser goes on, as every page does: a provider sends nothing back."""
    kept = journey.return_to if journey is not None else ""
    scope = dict(request.scope)
    query = request.query_params.multi_items()
    others = [(name, value) for name, value in query if name != "return_to"]
    scope["query_string"] = urlencode([*others, *([("return_to", kept)] if kept else [])]).encode()
    return Request(scope, request.receive)
