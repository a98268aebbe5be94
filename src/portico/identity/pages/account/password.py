"""Another password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.account.door import Visitor, visitor
from portico.identity.pages.desk import HOME, Desk
from portico.identity.pages.forms import secret
from portico.identity.users.errors import Invalid, UserError, WrongCredentials

HERE = "/account/password"


class Password:
    """`/account/password`. It asks for the old one, so the sign-in need not be recent.

    Of those who have a second factor it must be: what follows counts as a new sign-in, which takes both.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [Route(HERE, self.show, methods=["GET"]), Route(HERE, self.change, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The form."""
        found = await self._visitor(request)
        return found if isinstance(found, Response) else self._desk.show(request, "password.html", user=found.user)

    async def change(self, request: Request) -> Response:
        """Change it. Everything that was signed in is signed out; this browser is signed in anew."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await self._visitor(request)
        if isinstance(found, Response):
            return found
        user, source = found.user, desk.source(request)
        try:
            await desk.users.change_password(user.id, secret(form, "old_password"), secret(form), source=source)
        except WrongCredentials:
            fault = Invalid({"old_password": "This is not your password."})
            return desk.refuse(request, "password.html", fault, user=user)
        except UserError as error:
            return desk.refuse(request, "password.html", error, user=user)
        response = desk.go(request, HOME, note="password")
        await desk.sessions.begin(request, response, user, amr=found.session.amr, source=source)
        desk.forms.renew(response)
        return response

    async def _visitor(self, request: Request) -> Visitor | Response:
        found = await visitor(self._desk, request, HERE)
        if isinstance(found, Visitor) and (await self._desk.mfa.methods_of(found.user.id)).any:
            return await visitor(self._desk, request, HERE, just_now=True)
        return found
