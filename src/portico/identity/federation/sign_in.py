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
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.audit import Event
from portico.identity.federation import provider as other
from portico.identity.federation.carrying import carrying
from portico.identity.federation.claims import Identity
from portico.identity.federation.errors import (
    AnswerRefused,
    FederationError,
    NoAccount,
    ProviderUnreachable,
    SignInCancelled,
)
from portico.identity.federation.journey import Journey, Journeys
from portico.identity.federation.linking import PATH, Linking
from portico.identity.federation.owners import Owners, owner_of
from portico.identity.federation.provider import Provider
from portico.identity.pages.arrival import arrive
from portico.identity.pages.desk import Desk
from portico.identity.pages.pages import Endpoint
from portico.identity.sessions import SignInVoid
from portico.identity.triggers import TriggerError, Triggers
from portico.identity.users.errors import UserError
from portico.identity.users.model import User

log = logging.getLogger("portico.identity.federation")

AMR = ("fed",)
ONCE = ("state", "code", "iss", "error")  # parameters of an answer; none may come twice (RFC 6749 section 3.1)
OURS = ("same-origin", "none")  # values of Sec-Fetch-Site: a page of ours, or the person's own doing


class Federation:
    """The addresses below `/federation`."""

    def __init__(self, desk: Desk, *, triggers: Triggers, environ: Mapping[str, str] = os.environ) -> None:
        """Know the pool's providers.

        Args:
            desk: the collaborators of the pages.
            triggers: the project's.
            environ: holds the secrets of clients.

        Raises:
            ConfigError: one is not there, or a provider cannot be asked safely.
        """
        self._desk = desk
        pool = desk.pool
        self._journeys = Journeys(pool)
        self._owners = Owners(pool, audit=desk.audit, triggers=triggers)
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
        self._linking = Linking(desk, self._providers, self._journeys, amr=AMR)

    def routes(self, guard: Callable[[Endpoint], Endpoint]) -> list[Route]:
        """The addresses, relative to the pool's path.

        Args:
            guard: answers an endpoint's errors with a page.
        """
        if not self._providers:
            return []
        own = [
            Route(PATH, self.begin, methods=["GET"]),
            Route(f"{PATH}/callback", self.callback, methods=["GET"]),
            *self._linking.routes(),
        ]
        return [Route(route.path, guard(route.endpoint), methods=route.methods) for route in own]

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider; another site cannot have it sent there, and so sign somebody in."""
        provider = self._providers.get(request.path_params["provider"])
        if provider is None or request.headers.get("sec-fetch-site", "none") not in OURS:
            return self._desk.go(request, "/login")
        destination = self._desk.renderer.destination(request) or ""
        journey = Journey(
            provider=provider.name,
            started_at=self._desk.pool.clock(),
            destination=destination,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            anew=_asks_anew(destination) or await self._desk.sessions.current(request) is not None,
        )
        try:
            response = self._desk.redirect(await provider.address(_asked(journey)))
            self._journeys.write(response, journey)
        except FederationError as error:
            return self._refused(request, error)
        return response

    async def callback(self, request: Request) -> Response:
        """Take the browser back. What is not for it leaves what it has begun as it is."""
        journey = self._journeys.read(request)
        request = carrying(self._desk, request, journey.destination if journey is not None else "")
        try:
            provider, journey = self._checked(request, journey)
        except FederationError as error:
            return self._refused(request, error)
        try:
            if "error" in request.query_params or not request.query_params.get("code"):
                raise SignInCancelled(provider.title)
            found = await provider.identity(_asked(journey), request.query_params)
            response = await self._arrived(request, provider, journey, found)
            response = self._onward(request, journey, response)
        except (FederationError, UserError, TriggerError, SignInVoid) as error:
            await self._note(request, provider, None, type(error).__name__)
            response = self._refused(request, error)
        self._journeys.clear(response)
        return response

    def _checked(self, request: Request, journey: Journey | None) -> tuple[Provider, Journey]:
        """That the answer is for this browser, and from the provider that it was sent to."""
        name, state = request.path_params["provider"], request.query_params.get("state", "")
        provider = self._providers.get(name)
        if provider is None or journey is None or journey.provider != name:
            raise AnswerRefused("the browser began no sign-in with this provider")
        if any(len(request.query_params.getlist(parameter)) > 1 for parameter in ONCE):
            raise AnswerRefused("a parameter comes twice")
        if not journey.state or not hmac.compare_digest(state.encode("utf-8", "replace"), journey.state.encode()):
            raise AnswerRefused("the state is not the one that was sent")
        provider.check_issuer(request.query_params.get("iss"))
        return provider, journey

    def _onward(self, request: Request, journey: Journey, response: Response) -> Response:
        """Go on to the application over a page instead of a redirect.

        The provider's last page may be a form whose policy allows redirects to this origin, and to no third one: for
        Chromium the redirects from there to the application are one chain (CSP Level 3 section 6.4.2). It ends here.
        """
        leads_to = urlsplit(response.headers.get("location", "")).path
        if not journey.destination or leads_to != urlsplit(journey.destination).path:
            return response
        page = self._desk.show(request, "federation_onward.html", to=journey.destination)
        for cookie in response.headers.getlist("set-cookie"):
            page.headers.append("set-cookie", cookie)
        return page

    async def _arrived(self, request: Request, provider: Provider, journey: Journey, found: Identity) -> Response:
        desk = self._desk
        user, holder = await desk.pool.db.read(owner_of, found)
        if user is None:
            if holder is not None and holder.email_verified and holder.has_password:
                return self._linking.ask(request, journey, found, holder)
            if desk.pool.settings.sign_up == "closed":
                raise NoAccount(provider.title)
            email = found.email if holder is None else None
            user = await self._owners.make(found, email=email, source=desk.source(request))
        if not user.enabled:
            raise NoAccount(provider.title)
        known = await desk.users.by_id(user.id)  # with the groups in their order
        response = await arrive(desk, request, known or user, amr=AMR, started_at=journey.started_at)
        await self._note(request, provider, user, "")
        return response

    async def _note(self, request: Request, provider: Provider, user: User | None, reason: str) -> None:
        """Write down how a sign-in ended that this browser had begun."""
        details = {"issuer": provider.issuer, **({"reason": reason} if reason else {})}
        source, user_id = self._desk.source(request), user.id if user is not None else None

        def work(connection: sa.Connection) -> None:
            self._desk.audit.record(
                connection,
                Event.FEDERATED_SIGN_IN,
                user=user_id,
                source=source,
                outcome="failure" if reason else "success",
                details=details,
            )

        await self._desk.pool.db.tx(work)

    def _refused(self, request: Request, error: Exception) -> Response:
        reason = getattr(error, "reason", "")
        if reason:
            log.warning("a sign-in with another provider was refused: %s", reason)
        status = 502 if isinstance(error, ProviderUnreachable) else 400
        return self._desk.show(request, "federation_error.html", status=status, fault=str(error))


def _asked(journey: Journey) -> other.Request:
    since = journey.started_at if journey.anew else None
    return other.Request(journey.state, journey.nonce, journey.verifier, since)


def _asks_anew(destination: str) -> bool:
    """Whether the application wants people to prove again who they are (OpenID Connect Core section 3.1.2.1)."""
    query = parse_qs(urlsplit(destination).query, max_num_fields=100)
    return "max_age" in query or "login" in query.get("prompt", [""])[0].split()
