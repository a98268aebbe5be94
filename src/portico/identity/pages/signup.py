"""Making an account, and proving the e-mail address with a code."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.arrival import arrive
from portico.identity.pages.attributes import typed
from portico.identity.pages.desk import Desk
from portico.identity.pages.flow import Flow
from portico.identity.pages.forms import secret, text
from portico.identity.sessions import SignInVoid
from portico.identity.triggers import TriggerError
from portico.identity.users.errors import SignUpClosed, UserError
from portico.identity.users.model import User


class SignUp:
    """`/signup` and `/confirm`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        settings = desk.pool.settings
        self._asked = {name: declared for name, declared in settings.attributes.items() if declared.required}

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/signup", self.show, methods=["GET"]),
            Route("/signup", self.submit, methods=["POST"]),
            Route("/confirm", self.show_confirm, methods=["GET"]),
            Route("/confirm", self.confirm, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form, where people may make accounts themselves."""
        if self._desk.pool.settings.sign_up == "closed":
            return self._closed(request)
        return self._desk.show(request, "signup.html", attributes=self._asked)

    async def submit(self, request: Request) -> Response:
        """Make the account. Nobody learns whether a name or an address has one already: a mail says so."""
        desk = self._desk
        form = await desk.forms.read(request)
        named = "username" in desk.pool.settings.sign_in_with
        username, email, attributes = text(form, "username"), text(form, "email"), typed(form, self._asked)
        given, started_at = {"username": username, "email": email, **attributes}, desk.pool.clock()
        try:
            await desk.users.sign_up(
                username if named else None, secret(form), email, attributes, source=desk.source(request)
            )
        except SignUpClosed:
            return self._closed(request)
        except (UserError, TriggerError) as error:
            return desk.refuse(request, "signup.html", error, given=given, attributes=self._asked)
        response = desk.go(request, "/confirm")
        step = Flow(
            step="confirm",
            started_at=started_at,
            ended_at=desk.pool.clock(),
            login=username if named else email,
        )
        desk.flows.write(request, response, step, lifetime=desk.pool.settings.code_lifetime)
        return response

    async def show_confirm(self, request: Request) -> Response:
        """Where the code from the mail is typed."""
        return self._desk.show(request, "confirm.html", self._waiting(request))

    async def confirm(self, request: Request) -> Response:
        """Take the code; who signed up in this browser is signed in at once."""
        desk = self._desk
        form = await desk.forms.read(request)
        login, source = text(form, "login"), desk.source(request)
        shown = {**self._waiting(request), "given": {"login": login}}
        try:
            if "resend" in form:
                await desk.users.resend_code(login, source=source)
                shown["note"] = "If this account waits for a code, a new one is on its way."
                return desk.show(request, "confirm.html", shown)
            whose = self._whose(request, login)
            user = await desk.users.confirm(login, text(form, "code", 64), source=source, whose=whose)
        except UserError as error:
            return desk.refuse(request, "confirm.html", error, shown)
        return await self._welcome(request, user, login)

    async def _welcome(self, request: Request, user: User, login: str) -> Response:
        """The browser that chose or gave the password need not give it again; any other signs in."""
        desk = self._desk
        flow = desk.flows.read(request, "confirm")
        if flow is None or flow.login != login or not _is_theirs(flow, user):
            return desk.go(request, "/login", note="confirmed")
        try:
            return await arrive(desk, request, user, amr=("pwd",), started_at=flow.started_at)
        except SignInVoid:
            return desk.go(request, "/login", note="confirmed")

    def _whose(self, request: Request, login: str) -> Callable[[User], bool]:
        """A browser that signed up confirms that account, and none that a stranger has put in its place since."""
        flow = self._desk.flows.read(request, "confirm")
        return lambda user: flow is None or flow.login != login or _is_theirs(flow, user)

    def _waiting(self, request: Request) -> dict[str, object]:
        flow = self._desk.flows.read(request, "confirm")
        return {"given": {"login": flow.login if flow is not None else ""}, "note": None, "known": flow is not None}

    def _closed(self, request: Request) -> Response:
        return self._desk.show(request, "closed.html", status=403)


def _is_theirs(flow: Flow, user: User) -> bool:
    """Whether the account is the one whose password this browser gave, or that was made by this browser's form."""
    return flow.user_id == user.id if flow.user_id else flow.started_at <= user.created_at <= flow.ended_at
