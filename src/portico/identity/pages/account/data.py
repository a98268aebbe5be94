"""What is kept about somebody: to take along, or to delete."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.account.door import visitor
from portico.identity.pages.desk import Desk
from portico.identity.pages.forms import text

HERE = "/account/data"
DELETE = "/account/delete"


class Data:
    """`/account/data` and `/account/delete`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.export, methods=["POST"]),
            Route(DELETE, self.ask, methods=["GET"]),
            Route(DELETE, self.delete, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Both."""
        found = await visitor(self._desk, request, HERE, just_now=True)
        return found if isinstance(found, Response) else self._desk.show(request, "data.html", user=found.user)

    async def export(self, request: Request) -> Response:
        """Everything, as a JSON file."""
        desk = self._desk
        await desk.forms.read(request)
        found = await visitor(desk, request, HERE, just_now=True)
        if isinstance(found, Response):
            return found
        held = await desk.users.export(found.user.id, source=desk.source(request))
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="{desk.pool.name}-account.json"',
            "x-content-type-options": "nosniff",
        }
        return Response(json.dumps(held, indent=2, ensure_ascii=False), 200, headers, "application/json")

    async def ask(self, request: Request) -> Response:
        """Asks once more."""
        found = await visitor(self._desk, request, DELETE, just_now=True)
        return found if isinstance(found, Response) else self._desk.show(request, "delete.html", user=found.user)

    async def delete(self, request: Request) -> Response:
        """Delete the account, when its name has been typed."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await visitor(desk, request, DELETE, just_now=True)
        if isinstance(found, Response):
            return found
        if text(form, "username").casefold() != found.user.username.casefold():
            faults = {"username": f"Type {found.user.username}, to be sure."}
            return desk.show(request, "delete.html", status=400, user=found.user, faults=faults)
        await desk.users.delete(found.user.id, source=desk.source(request))
        response = desk.go(request, "/login", note="deleted")
        await desk.sessions.end(request, response)
        desk.forms.renew(response)
        return response
