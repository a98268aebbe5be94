"""The consent page: may this application do that? (OpenID Connect Core section 3.1.2.4)."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import authorization, parameters, repository, scopes
from portico.identity.oidc.authorization import Recipient, Wanted
from portico.identity.oidc.authorize import HEADERS, PATH, AuthorizeEndpoint
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.errors import AccessDenied, OAuthError
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.ticket import Ticket, Tickets
from portico.identity.pages import Pages
from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo
from portico.identity.sessions import Session, Sessions
from portico.identity.source import Source
from portico.identity.users import Users


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked."""

    asked: Parameters
    recipient: Recipient
    wanted: Wanted


class ConsentEndpoint:
    """Asks, and remembers the answer."""

    def __init__(
        self,
        pool: Pool,
        *,
        audit: AuditLog,
        clients: Clients,
        sessions: Sessions,
        users: Users,
        pages: Pages,
        authorize: AuthorizeEndpoint,
    ) -> None:
        self._pool = pool
        self._audit = audit
        self._clients = clients
        self._sessions = sessions
        self._users = users
        self._pages = pages
        self._authorize = authorize
        self._returning = ReturnTo(pool)
        self._tickets = Tickets(pool)

    async def show(self, request: Request) -> Response:
        """Ask."""
        question = await self._question(request)
        session = await self._sessions.current(request)
        user = None if session is None else await self._users.by_id(session.user_id)
        if question is None or user is None:
            return self._begin_again(question)
        known = scopes.known(self._pool.settings)
        said = [(scope, known.get(scope, scope)) for scope in question.wanted.scopes]
        return self._pages.render(request, "consent.html", client=_title(question.recipient), scopes=said, user=user)

    async def answer(self, request: Request) -> Response:
        """Take the answer.

        Raises:
            PageError: the form was not sent from our page.
        """
        form = await self._pages.form(request)
        question = await self._question(request)
        session = await self._sessions.current(request)
        if question is None or session is None:
            return self._begin_again(question)
        allowed = form.get("decision") == "allow"
        await self._pool.db.tx(
            self._remember, question, session, allowed, Source.of(request, self._pool.trusted_proxies)
        )
        if not allowed:
            return self._authorize.refuse(question.recipient, AccessDenied("The person did not agree."))
        ticket = Ticket(
            self._pool.clock(),
            sign_in_since=self._tickets.of(question.asked).sign_in_since,
            consent_in=session.id,
        )
        return RedirectResponse(self._authorize.address(question.asked, ticket), 303, HEADERS)

    def _remember(
        self, connection: sa.Connection, question: Question, session: Session, allowed: bool, source: Source
    ) -> None:
        client, names = question.recipient.client.id, question.wanted.scopes
        if allowed:
            repository.give_consent(connection, session.user_id, client, names, self._pool.clock())
        self._audit.record(
            connection,
            Event.CONSENT_GIVEN if allowed else Event.CONSENT_REFUSED,
            user=session.user_id,
            client=client,
            source=source,
            outcome="success" if allowed else "failure",
            details={"scopes": names},
        )

    async def _question(self, request: Request) -> Question | None:
        """The authorization request that the page belongs to; None where it is not sealed, or too old."""
        place = self._returning.open(request.query_params.get("return_to", ""))
        path, _, query = (place or "").partition("?")
        if path != f"{self._pool.path}{PATH}":
            return None
        try:
            asked = parameters.parse(query)
            recipient = await authorization.recipient(asked, self._clients)
            return Question(asked, recipient, authorization.wanted(asked, recipient.client))
        except OAuthError:
            return None

    def _begin_again(self, question: Question | None) -> Response:
        """Back to the request, which leads to the sign-in page; to the account where no request is known."""
        if question is None:
            return RedirectResponse(f"{self._pool.issuer}/account", 303, HEADERS)
        return RedirectResponse(self._authorize.address(question.asked, Ticket(self._pool.clock())), 303, HEADERS)


def _title(recipient: Recipient) -> str:
    """The client's title; beside one that the client gave itself, where the answer really goes."""
    client, parts = recipient.client, urllib.parse.urlsplit(recipient.redirect_uri)
    return f"{client.title} ({parts.hostname or parts.scheme})" if client.dynamic else client.title
