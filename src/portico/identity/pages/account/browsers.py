"""Where somebody is signed in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.account.device import device_of
from portico.identity.pages.account.door import visitor
from portico.identity.pages.desk import Desk

HERE = "/account/sessions"


class Browsers:
    """`/account/sessions`. Signing out here is the provider's `/logout`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [Route(HERE, self.show, methods=["GET"]), Route(HERE, self.sign_out_everywhere, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The browsers, this one marked."""
        found = await visitor(self._desk, request, HERE)
        if isinstance(found, Response):
            return found
        rows = [
            (device_of(visit.user_agent), visit, visit.session.id == found.session.id)
            for visit in await self._desk.sessions.of_user(found.user.id)
        ]
        return self._desk.show(request, "sessions.html", user=found.user, rows=rows)

    async def sign_out_everywhere(self, request: Request) -> Response:
        """End every session and every token."""
        desk = self._desk
        await desk.forms.read(request)
        found = await visitor(desk, request, HERE)
        if isinstance(found, Response):
            return found
        await desk.users.sign_out_everywhere(found.user.id, source=desk.source(request))
        response = desk.go(request, "/signed-out")
        await desk.sessions.end(request, response)
        desk.forms.renew(response)
        return response
