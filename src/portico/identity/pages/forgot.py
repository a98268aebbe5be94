"""A forgotten password, and one that must be changed before the first sign-in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.desk import Desk
from portico.identity.pages.flow import Flow
from portico.identity.pages.forms import secret, text
from portico.identity.users.errors import Invalid, TooManyAttempts, UserError, WrongCredentials


class Forgot:
    """`/forgot`, `/reset` and `/new-password`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/forgot", self.show, methods=["GET"]),
            Route("/forgot", self.submit, methods=["POST"]),
            Route("/reset", self.show_reset, methods=["GET"]),
            Route("/reset", self.reset, methods=["POST"]),
            Route("/new-password", self.show_new, methods=["GET"]),
            Route("/new-password", self.new, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Asks for whom."""
        return self._desk.show(request, "forgot.html", given={"login": self._desk.hint(request)})

    async def submit(self, request: Request) -> Response:
        """Send a code, if there is somebody; the answer is the same for everybody."""
        desk = self._desk
        form = await desk.forms.read(request)
        login = text(form, "login")
        try:
            await desk.users.forgot(login, source=desk.source(request))
        except TooManyAttempts as error:
            return desk.refuse(request, "forgot.html", error, given={"login": login})
        response = desk.go(request, "/reset")
        step = Flow(step="reset", started_at=desk.pool.clock(), login=login)
        desk.flows.write(request, response, step, lifetime=desk.pool.settings.code_lifetime)
        return response

    async def show_reset(self, request: Request) -> Response:
        """Where the code from the mail and the new password are typed."""
        flow = self._desk.flows.read(request, "reset")
        given = {"login": flow.login if flow is not None else ""}
        return self._desk.show(request, "reset.html", given=given, known=flow is not None)

    async def reset(self, request: Request) -> Response:
        """Set the new password. Every browser is signed out by it, this one included."""
        desk = self._desk
        form = await desk.forms.read(request)
        login, known = text(form, "login"), desk.flows.read(request, "reset") is not None
        shown = {"given": {"login": login, "code": text(form, "code", 64)}, "known": known}
        try:
            await desk.users.reset(login, text(form, "code", 64), secret(form), source=desk.source(request))
        except UserError as error:
            return desk.refuse(request, "reset.html", error, shown)
        response = desk.go(request, "/login", note="password")
        desk.flows.clear(response)
        return response

    async def show_new(self, request: Request) -> Response:
        """For whom somebody else chose a password."""
        if self._desk.flows.read(request, "new_password") is None:
            return self._desk.go(request, "/login", note="expired")
        return self._desk.show(request, "new_password.html")

    async def new(self, request: Request) -> Response:
        """Change it; then sign in with it."""
        desk = self._desk
        form = await desk.forms.read(request)
        flow = desk.flows.read(request, "new_password")
        if flow is None:
            return desk.go(request, "/login", note="expired")
        old, new = secret(form, "old_password"), secret(form)
        try:
            await desk.users.change_password(flow.user_id, old, new, source=desk.source(request))
        except WrongCredentials:
            fault = Invalid({"old_password": "This is not the password that you were given."})
            return desk.refuse(request, "new_password.html", fault)
        except UserError as error:
            return desk.refuse(request, "new_password.html", error)
        response = desk.go(request, "/login", note="password")
        desk.flows.clear(response)
        return response
