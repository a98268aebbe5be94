"""What every page works with, and the few things that all of them do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.identity import mfa
from portico.identity.audit import AuditLog
from portico.identity.mail import Mailer
from portico.identity.mfa import Mfa, TooManyCodes
from portico.identity.pages import headers
from portico.identity.pages.flow import Flows
from portico.identity.pages.forms import Forms
from portico.identity.pages.renderer import NOTHING, Renderer
from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo
from portico.identity.sessions import Sessions
from portico.identity.source import Source
from portico.identity.users import Users
from portico.identity.users.errors import Invalid, TooManyAttempts, WrongCode
from portico.identity.users.model import User

HOME = "/account"


@dataclass(frozen=True, slots=True)
class Desk:
    """The collaborators of the pages."""

    pool: Pool
    users: Users
    mfa: Mfa
    sessions: Sessions
    mailer: Mailer
    audit: AuditLog
    forms: Forms
    flows: Flows
    renderer: Renderer
    returning: ReturnTo

    def source(self, request: Request) -> Source:
        """Where a request came from."""
        return Source.of(request, self.pool.trusted_proxies)

    def show(
        self,
        request: Request,
        template: str,
        shown: Mapping[str, object] = NOTHING,
        *,
        status: int = 200,
        faults: Mapping[str, object] = NOTHING,
        **more: object,
    ) -> Response:
        """A page, whose form may lead on to the application that somebody signs in for.

        Args:
            request: which it answers.
            template: of the page.
            shown: what the template shows.
            status: of the answer.
            faults: field -> what is wrong with it.
            more: what else the template shows.
        """
        return self.renderer.render(
            request, template, {**shown, **more}, status=status, form_action=self.sources(request), faults=faults
        )

    def refuse(
        self,
        request: Request,
        template: str,
        error: Exception,
        shown: Mapping[str, object] = NOTHING,
        **more: object,
    ) -> Response:
        """A page again, with what was wrong: at its fields where that is known, else above the form.

        Args:
            request: the form.
            template: of the page.
            error: whose message people may read.
            shown: what the template shows.
            more: what else it shows.
        """
        values = {**shown, **more}
        if isinstance(error, Invalid):
            return self.show(request, template, values, status=400, faults=error.faults)
        if isinstance(error, WrongCode | mfa.WrongCode):
            return self.show(request, template, values, status=400, faults={"code": str(error)})
        if isinstance(error, TooManyAttempts | TooManyCodes):
            response = self.show(request, template, values, status=429, fault=str(error))
            response.headers["retry-after"] = str(math.ceil(error.retry_after))
            return response
        return self.show(request, template, values, status=400, fault=str(error))

    def go(self, request: Request, to: str, *, note: str = "") -> RedirectResponse:
        """To another page of the pool, which carries on where the browser comes from (303: with a GET).

        Args:
            request: which it answers.
            to: below the pool's path: "/login".
            note: the name of what the page shall say.
        """
        kept = request.query_params.get("return_to", "")
        return self.redirect(self.renderer.link(to, return_to=kept, note=note))

    def redirect(self, to: str) -> RedirectResponse:
        """To a place that is known to be ours."""
        return RedirectResponse(to, 303, {"cache-control": "no-store", "referrer-policy": "same-origin"})

    def onward(self, request: Request) -> str:
        """Where a browser goes that has signed in: back to where it came from, else to the account."""
        return self.renderer.destination(request) or f"{self.pool.path}{HOME}"

    def hint(self, request: Request) -> str:
        """The name that an application expects somebody to sign in with (`login_hint`)."""
        return self._asked(request, "login_hint")[:254]

    async def signed_in(self, request: Request) -> User | None:
        """Who is signed in."""
        session = await self.sessions.current(request)
        return None if session is None else await self.users.by_id(session.user_id)

    def sources(self, request: Request) -> tuple[str, ...]:
        """Where the application is that somebody signs in for, as the page's policy names it."""
        source = headers.source_of(self._asked(request, "redirect_uri"))
        return (source,) if source is not None else ()

    def _asked(self, request: Request, name: str) -> str:
        """A parameter of the authorization request that the browser goes back to. The provider has checked it."""
        query = urlsplit(self.renderer.destination(request) or "").query
        return parse_qs(query, max_num_fields=100).get(name, [""])[0]
