"""The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2): a list of steps."""

from __future__ import annotations

import logging
import secrets
import urllib.parse

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.identity.oidc import answers, authorization, parameters, repository
from portico.identity.oidc.authorization import ClientNotKnown, Recipient, RedirectNotRegistered, Wanted
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import Clients, digest_of
from portico.identity.oidc.code import LIFETIME
from portico.identity.oidc.errors import ConsentRequired, InvalidRequest, LoginRequired, OAuthError
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.repository import Code
from portico.identity.oidc.ticket import PARAMETER, Ticket, Tickets
from portico.identity.pages import Pages
from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo
from portico.identity.sessions import Session, Sessions
from portico.identity.users import Users
from portico.identity.users.model import User

log = logging.getLogger("portico.identity.oidc")

PATH = "/oauth2/authorize"
CODE_BYTES = 32
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Detour(Exception):
    """The browser must go to a page of the pool first."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(address)


class AuthorizeEndpoint:
    """Answers authorization requests."""

    def __init__(self, pool: Pool, *, clients: Clients, sessions: Sessions, users: Users, pages: Pages) -> None:
        self._pool = pool
        self._clients = clients
        self._sessions = sessions
        self._users = users
        self._pages = pages
        self._returning = ReturnTo(pool)
        self._tickets = Tickets(pool)

    async def __call__(self, request: Request) -> Response:
        """Answer one."""
        if request.method == "POST":
            return await self._as_get(request)
        try:
            asked = parameters.of_query(request)
            recipient = await authorization.recipient(asked, self._clients)
        except (ClientNotKnown, RedirectNotRegistered, InvalidRequest) as error:
            return self._page(request, error)
        try:
            wanted = authorization.wanted(asked, recipient.client)
            session, user = await self._person(request, asked, wanted)
            await self._agreement(asked, wanted, recipient.client, session)
            code = await self._code(wanted, recipient, session, user)
        except Detour as detour:
            return RedirectResponse(detour.address, 302, HEADERS)
        except answers.EXPECTED as error:
            return self.refuse(recipient, answers.told(error))
        return self._send(recipient, {"code": code})

    def refuse(self, recipient: Recipient, error: OAuthError) -> Response:
        """Tell the client that it does not get a code.

        Args:
            recipient: where the answer goes.
            error: why.
        """
        return self._send(recipient, answers.body_of(error))

    def address(self, asked: Parameters, ticket: Ticket) -> str:
        """The same request again, with what has happened since.

        Args:
            asked: the request.
            ticket: what has happened.
        """
        rest = {name: value for name, value in asked.items() if name != PARAMETER}
        query = urllib.parse.urlencode({**rest, PARAMETER: self._tickets.seal(ticket, rest)})
        return f"{self._pool.path}{PATH}?{query}"

    async def _as_get(self, request: Request) -> Response:
        """A POST is as good as a GET (OpenID Connect Core section 3.1.2.1), but lacks the session's SameSite cookie."""
        try:
            asked = await parameters.of_form(request)
        except InvalidRequest as error:
            return self._page(request, error)
        return RedirectResponse(f"{self._pool.issuer}{PATH}?{urllib.parse.urlencode(asked)}", 303, HEADERS)

    async def _person(self, request: Request, asked: Parameters, wanted: Wanted) -> tuple[Session, User]:
        """Who is signed in, freshly enough."""
        session, ticket = await self._sessions.current(request), self._tickets.of(asked)
        user = None if session is None else await self._users.by_id(session.user_id)
        if session is not None and user is not None and user.enabled and self._is_fresh(session, wanted, ticket):
            return session, user
        if "none" in wanted.prompts:
            raise LoginRequired("Nobody is signed in, or not recently enough.")
        page = "signup" if "create" in wanted.prompts and self._pool.settings.sign_up == "open" else "login"
        raise Detour(self._page_address(page, asked, Ticket(self._pool.clock(), sign_in_since=self._pool.clock())))

    def _is_fresh(self, session: Session, wanted: Wanted, ticket: Ticket) -> bool:
        if ticket.sign_in_since is not None and session.auth_time >= ticket.sign_in_since:
            return True
        if wanted.prompts & {"login", "select_account", "create"}:
            return False
        return wanted.max_age is None or self._pool.clock() < session.auth_time + wanted.max_age

    async def _agreement(self, asked: Parameters, wanted: Wanted, client: Client, session: Session) -> None:
        """See that the person has agreed, where the client must ask (OpenID Connect Core section 3.1.2.4)."""
        ticket = self._tickets.of(asked)
        if ticket.consent_in == session.id:
            return
        if "consent" not in wanted.prompts:
            if not client.consent:
                return
            given = await self._pool.db.read(repository.consent, session.user_id, client.id)
            if given.issuperset(wanted.scopes):
                return
        if "none" in wanted.prompts:
            raise ConsentRequired("The person has not agreed to this.")
        kept = Ticket(self._pool.clock(), sign_in_since=ticket.sign_in_since)
        raise Detour(self._page_address("consent", asked, kept))

    async def _code(self, wanted: Wanted, recipient: Recipient, session: Session, user: User) -> str:
        """A new code. Only its digest is kept."""
        code, now = secrets.token_urlsafe(CODE_BYTES), self._pool.clock()
        kept = Code(
            digest=digest_of(code),
            client_id=recipient.client.id,
            user_id=user.id,
            redirect_uri=recipient.redirect_uri,
            scopes=wanted.scopes,
            challenge=wanted.challenge,
            nonce=wanted.nonce,
            session=session.origin_jti,
            auth_time=session.auth_time,
            amr=session.amr,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        await self._pool.db.tx(repository.add_code, kept)
        return code

    def _page_address(self, page: str, asked: Parameters, ticket: Ticket) -> str:
        try:
            sealed = self._returning.seal(self.address(asked, ticket))
        except ValueError:
            raise InvalidRequest("The request is too long.") from None
        return f"{self._pool.issuer}/{page}?{urllib.parse.urlencode({'return_to': sealed})}"

    def _send(self, recipient: Recipient, answer: dict[str, str]) -> Response:
        return RedirectResponse(recipient.address(answer, self._pool.issuer), 303, HEADERS)

    def _page(self, request: Request, error: OAuthError) -> Response:
        log.info("an authorization request was refused: %s", error.description)
        again = f"{self._pool.origin}/"
        title = "This link does not work"
        return self._pages.render(
            request, "error.html", status=error.status, title=title, message=error.description, again=again
        )
