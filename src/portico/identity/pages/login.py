"""Signing in with a name and a password."""

from __future__ import annotations

import contextlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.arrival import arrive
from portico.identity.pages.desk import Desk
from portico.identity.pages.flow import Flow
from portico.identity.pages.forms import secret, text
from portico.identity.triggers import TriggerError
from portico.identity.users.errors import NewPasswordRequired, NotConfirmed, TooManyAttempts, UserError

NOTES = {
    "password": "Your password is changed. Sign in with the new one.",
    "confirmed": "Your e-mail address is confirmed. You can sign in now.",
    "expired": "That took too long. Please sign in again.",
    "again": "Please sign in again to go on: this page changes how your account is protected.",
    "passkey": "The passkey was not accepted. Try again, or sign in with your password.",
    "deleted": "Your account is deleted.",
}


class Login:
    """`/login`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.submit, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form; who is signed in and goes nowhere sees the account instead."""
        user = await self._desk.signed_in(request)
        if user is not None and self._desk.renderer.destination(request) is None:
            return self._desk.go(request, "/account")
        login = user.username if user is not None else self._desk.hint(request)
        note = NOTES.get(request.query_params.get("note", ""))
        return self._desk.show(request, "login.html", self._offers(), note=note, given={"login": login})

    async def submit(self, request: Request) -> Response:
        """Check name and password."""
        desk = self._desk
        form = await desk.forms.read(request)
        started_at = desk.pool.clock()
        try:
            user = await desk.users.sign_in(text(form, "login"), secret(form), source=desk.source(request))
            return await arrive(desk, request, user, amr=("pwd",), started_at=started_at)
        except NotConfirmed as error:
            return await self._confirm_first(request, text(form, "login"), error.user_id, started_at)
        except NewPasswordRequired as error:
            return self._new_password_first(request, error.user_id)
        except (UserError, TriggerError) as error:
            given = {"login": text(form, "login")}
            return desk.refuse(request, "login.html", error, self._offers(), given=given)

    async def _confirm_first(self, request: Request, login: str, user_id: str, started_at: float) -> Response:
        desk = self._desk
        with contextlib.suppress(TooManyAttempts):
            await desk.users.resend_code(login, source=desk.source(request))
        response = desk.go(request, "/confirm")
        step = Flow(step="confirm", started_at=started_at, user_id=user_id, login=login)
        desk.flows.write(request, response, step, lifetime=desk.pool.settings.code_lifetime)
        return response

    def _new_password_first(self, request: Request, user_id: str) -> Response:
        response = self._desk.go(request, "/new-password")
        step = Flow(step="new_password", started_at=self._desk.pool.clock(), user_id=user_id)
        self._desk.flows.write(request, response, step)
        return response

    def _offers(self) -> dict[str, object]:
        return {"passkeys": self._desk.mfa.offers_passkeys_alone}
