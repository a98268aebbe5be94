"""The hosted pages: where people sign up, sign in, and look after their accounts."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Iterable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from portico.identity.audit import AuditLog
from portico.identity.mail import Mailer, MailError
from portico.identity.mfa import Mfa
from portico.identity.pages.account.browsers import Browsers
from portico.identity.pages.account.data import Data
from portico.identity.pages.account.email import Email
from portico.identity.pages.account.password import Password
from portico.identity.pages.account.profile import Profile
from portico.identity.pages.account.security import Security
from portico.identity.pages.assets import Assets
from portico.identity.pages.desk import Desk
from portico.identity.pages.errors import PageError
from portico.identity.pages.flow import Flows
from portico.identity.pages.forgot import Forgot
from portico.identity.pages.forms import Forms
from portico.identity.pages.login import Login
from portico.identity.pages.mailbox import Mailbox
from portico.identity.pages.passkeys import Passkeys
from portico.identity.pages.renderer import Renderer
from portico.identity.pages.second_factor import SecondFactor
from portico.identity.pages.signup import SignUp
from portico.identity.pages.theme import ThemeFile
from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo
from portico.identity.sessions import SessionError, Sessions
from portico.identity.sessions.repository import held_of
from portico.identity.users import Users
from portico.identity.users.errors import UserUnknown
from portico.store import StoreError

log = logging.getLogger("portico.identity")

RETRY_AFTER = "5"  # seconds

Endpoint = Callable[[Request], Awaitable[Response]]


class Pages:
    """The pages of a pool, and what other features need to show pages of their own."""

    def __init__(
        self, pool: Pool, *, users: Users, mfa: Mfa, sessions: Sessions, mailer: Mailer, audit: AuditLog
    ) -> None:
        self._forms = Forms(pool)
        theme = ThemeFile(pool.root)
        self._renderer = Renderer(pool, forms=self._forms, theme=theme)
        desk = Desk(
            pool=pool,
            users=users,
            mfa=mfa,
            sessions=sessions,
            mailer=mailer,
            audit=audit,
            forms=self._forms,
            flows=Flows(pool, self._forms),
            renderer=self._renderer,
            returning=ReturnTo(pool),
        )
        rooms = (
            Login,
            SignUp,
            Forgot,
            SecondFactor,
            Passkeys,
            Profile,
            Password,
            Email,
            Security,
            Browsers,
            Data,
            Mailbox,
        )
        self._routes = [route for room in rooms for route in room(desk).routes()]
        self._assets = Assets(theme).routes()
        self.desk = desk  # the collaborators, for features with pages of their own
        users.register_exporter("browser_sessions", held_of)

    def routes(self) -> list[BaseRoute]:
        """The addresses, relative to the pool's path."""
        pages = [Route("/signed-out", self._signed_out, methods=["GET"]), *self._routes]
        guarded = [Route(page.path, self.guard(page.endpoint), methods=page.methods) for page in pages]
        return [*guarded, *self._assets]

    def render(
        self, request: Request, template: str, *, status: int = 200, form_action: Iterable[str] = (), **values: object
    ) -> Response:
        """A page from a template.

        Args:
            request: which it answers.
            template: its name: "consent.html". The template says which values it takes.
            status: of the answer.
            form_action: where a redirect after its form may lead besides this origin: see `headers.source_of`.
            values: what the template shows.
        """
        application = self.desk.sources(request)
        shown = {**values, "application": application[0] if application else ""}
        return self._renderer.render(request, template, shown, status=status, form_action=(*form_action, *application))

    async def form(self, request: Request) -> FormData:
        """The fields of a form that a page of ours has sent.

        Args:
            request: a POST.

        Raises:
            PageError: it was not sent from a page of ours, or cannot be read. `guard` answers with a page.
        """
        return await self._forms.read(request)

    def renew(self, response: Response) -> None:
        """Make forms from before void, when somebody has signed in or out.

        Args:
            response: which takes the new cookie along.
        """
        self._forms.renew(response)

    def guard(self, endpoint: Endpoint) -> Endpoint:
        """The same endpoint, whose errors are answered with a page.

        Args:
            endpoint: which may raise PageError, SessionError, StoreError or MailError.
        """

        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Response:
            try:
                return await endpoint(request)
            except PageError as error:
                return self._error(request, error.title, str(error), error.status)
            except (SessionError, UserUnknown):  # somebody was disabled, signed out or deleted while they clicked
                return self.desk.go(request, "/login", note="expired")
            except (StoreError, MailError) as error:
                log.error("%s cannot be answered: %s", request.scope["path"], error)
                response = self._error(request, "We are busy", "Please try again in a moment.", 503)
                response.headers["retry-after"] = RETRY_AFTER
                return response

        return guarded

    def _error(self, request: Request, title: str, message: str, status: int) -> Response:
        path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
        again = (f"{path}?{query}" if query else path) if request.method == "POST" and "/passkey" not in path else None
        return self.render(request, "error.html", status=status, title=title, message=message, again=again)

    async def _signed_out(self, request: Request) -> Response:
        return self.render(request, "signed_out.html")
