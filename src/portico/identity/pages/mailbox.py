"""The mails of a developer's own machine, where nothing is really sent."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.desk import Desk
from portico.identity.pages.errors import PageUnknown

SHOWN = 20


class Mailbox:
    """`/mailbox`, in development only."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [Route("/mailbox", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The last mails, the newest first.

        Raises:
            PageUnknown: in production.
        """
        if not self._desk.pool.development:
            raise PageUnknown("There is no such page.")
        return self._desk.show(request, "mailbox.html", mails=await self._desk.mailer.recent(SHOWN))
