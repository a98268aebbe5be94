"""Linking an account at another provider to one that is here.

    ask -> the password -> (the second factor, as at every sign-in) -> finish -> where the browser was going

The link is made when its owner is signed in here, with everything that a sign-in takes: a password that somebody else
knows too makes no lasting way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.audit import Event
from portico.identity.federation import repository
from portico.identity.federation.carrying import carrying
from portico.identity.federation.claims import Identity
from portico.identity.federation.journey import Journey, Journeys
from portico.identity.federation.provider import Provider
from portico.identity.pages.arrival import arrive
from portico.identity.pages.desk import HOME, Desk
from portico.identity.pages.forms import secret
from portico.identity.sessions import Session, SignInVoid
from portico.identity.source import Source
from portico.identity.users.errors import UserError
from portico.identity.users.model import User
from portico.identity.users.races import settled

PATH = "/federation/{provider}"


class Linking:
    """The addresses that ask for the password, and make the link."""

    def __init__(
        self, desk: Desk, providers: Mapping[str, Provider], journeys: Journeys, *, amr: tuple[str, ...]
    ) -> None:
        self._desk = desk
        self._providers = providers
        self._journeys = journeys
        self._amr = amr

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(f"{PATH}/link", self.show, methods=["GET"]),
            Route(f"{PATH}/link", self.prove, methods=["POST"]),
            Route(f"{PATH}/linked", self.finish, methods=["GET"]),
        ]

    def ask(self, request: Request, journey: Journey, found: Identity, holder: User) -> Response:
        """To the page that asks whether two accounts are one person's.

        Args:
            request: in which somebody came back.
            journey: theirs.
            found: who they are at the provider.
            holder: who has their verified address here.
        """
        step = Journey(
            provider=journey.provider,
            started_at=journey.started_at,
            destination=journey.destination,
            subject=found.subject,
            user_id=holder.id,
        )
        response = self._desk.go(request, f"/federation/{journey.provider}/link")
        self._journeys.write(response, step)
        return response

    async def show(self, request: Request) -> Response:
        """Ask for the password."""
        found = await self._to_link(request)
        if found is None:
            return self._desk.go(request, "/login", note="expired")
        provider, user, _ = found
        return self._desk.show(request, "federation_link.html", provider=provider.title, username=user.username)

    async def prove(self, request: Request) -> Response:
        """Check the password. What follows is what follows at every sign-in."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await self._to_link(request)
        if found is None:
            return desk.go(request, "/login", note="expired")
        provider, user, journey = found
        proved = msgspec.structs.replace(journey, proved_at=desk.pool.clock())
        try:
            user = await desk.users.check_password(user.id, secret(form), source=desk.source(request))
            if user.status in ("unconfirmed", "new_password_required"):  # the sign-in page knows what comes first
                return desk.go(request, "/login")
            onward = carrying(desk, request, self._finish_address(journey))
            amr = ("pwd", *self._amr)
            response = await arrive(desk, onward, user, amr=amr, started_at=journey.started_at)
        except (UserError, SignInVoid) as error:
            title, name = provider.title, user.username
            return desk.refuse(request, "federation_link.html", error, provider=title, username=name)
        self._journeys.write(response, proved)
        return response

    def _finish_address(self, journey: Journey) -> str:
        """Where the link is made. It names the application's address: the policy of the pages before it needs that."""
        path = f"{self._desk.pool.path}/federation/{journey.provider}/linked"
        uri = parse_qs(urlsplit(journey.destination).query, max_num_fields=100).get("redirect_uri")
        return f"{path}?{urlencode({'redirect_uri': uri[0]})}" if uri else path

    async def finish(self, request: Request) -> Response:
        """Link the accounts of who gave the password, and is signed in since."""
        desk, journey = self._desk, self._journeys.read(request)
        provider, session = self._provider(request, journey), await desk.sessions.current(request)
        if journey is None or provider is None or session is None or not _is_proved(journey, session):
            return desk.go(request, "/login", note="expired")
        await settled(desk.pool.db, self._link, provider.issuer, journey, desk.source(request))
        response = desk.redirect(journey.destination or f"{desk.pool.path}{HOME}")
        self._journeys.clear(response)
        return response

    def _link(self, connection: sa.Connection, issuer: str, journey: Journey, source: Source) -> None:
        if repository.user_of(connection, issuer, journey.subject) is not None:
            return  # it belongs to somebody meanwhile, and stays theirs
        repository.link(connection, issuer, journey.subject, journey.user_id, self._desk.pool.clock())
        self._desk.audit.record(
            connection, Event.FEDERATED_LINKED, user=journey.user_id, source=source, details={"issuer": issuer}
        )

    async def _to_link(self, request: Request) -> tuple[Provider, User, Journey] | None:
        journey = self._journeys.read(request)
        provider = self._provider(request, journey)
        if journey is None or provider is None or not journey.user_id:
            return None
        user = await self._desk.users.by_id(journey.user_id)
        return None if user is None else (provider, user, journey)

    def _provider(self, request: Request, journey: Journey | None) -> Provider | None:
        named = request.path_params["provider"]
        return self._providers.get(named) if journey is not None and journey.provider == named else None


def _is_proved(journey: Journey, session: Session) -> bool:
    """Whether somebody has given the password in this journey, and is the one who is signed in since."""
    return 0 < journey.proved_at <= session.created_at and session.user_id == journey.user_id
