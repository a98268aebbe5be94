"""Another e-mail address. The old one stays valid until a code has come from the new one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.account.door import visitor
from portico.identity.pages.desk import HOME, Desk
from portico.identity.pages.forms import text
from portico.identity.users.errors import UserError

HERE = "/account/email"
VERIFY = "/account/email/confirm"


class Email:
    """`/account/email` and `/account/email/confirm`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.change, methods=["POST"]),
            Route(VERIFY, self.show_code, methods=["GET"]),
            Route(VERIFY, self.confirm, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form."""
        found = await visitor(self._desk, request, HERE, just_now=True)
        return found if isinstance(found, Response) else self._desk.show(request, "email.html", user=found.user)

    async def change(self, request: Request) -> Response:
        """Send a code to the new address. Whether somebody else has it is not told here."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await visitor(desk, request, HERE, just_now=True)
        if isinstance(found, Response):
            return found
        given = {"email": text(form, "email")}
        try:
            await desk.users.change_email(found.user.id, given["email"], source=desk.source(request))
        except UserError as error:
            return desk.refuse(request, "email.html", error, user=found.user, given=given)
        return desk.go(request, VERIFY)

    async def show_code(self, request: Request) -> Response:
        """Where the code is typed."""
        found = await visitor(self._desk, request, VERIFY)
        return found if isinstance(found, Response) else self._desk.show(request, "email_code.html", user=found.user)

    async def confirm(self, request: Request) -> Response:
        """Take the code."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await visitor(desk, request, VERIFY)
        if isinstance(found, Response):
            return found
        try:
            await desk.users.confirm_email(found.user.id, text(form, "code", 64), source=desk.source(request))
        except UserError as error:
            return desk.refuse(request, "email_code.html", error, user=found.user)
        return desk.go(request, HOME, note="email")
