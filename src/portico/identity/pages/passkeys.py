"""Passkeys. A small script asks the browser for one, and sends the answer in a form like any other."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.identity.mfa import MfaError
from portico.identity.pages.account.door import recent
from portico.identity.pages.arrival import enter
from portico.identity.pages.desk import Desk
from portico.identity.pages.errors import FormRefused
from portico.identity.pages.flow import Flow
from portico.identity.pages.forms import secret, text
from portico.identity.users.model import User

ALONE = ("hwk", "user", "mfa")  # RFC 8176: a key, and the person was verified by their device
SECOND = ("hwk", "mfa")


class Passkeys:
    """`/passkey`, `/passkey/options` and `/passkey/register`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/passkey/options", self.options, methods=["POST"]),
            Route("/passkey", self.sign_in, methods=["POST"]),
            Route("/passkey/register", self.register, methods=["POST"]),
        ]

    async def options(self, request: Request) -> Response:
        """What the script gives to the browser: for `sign-in`, as `second-factor`, or to `register`."""
        desk = self._desk
        asked = (await desk.forms.read_json(request)).get("for")
        browser = self._browser(request)
        try:
            if asked == "register":
                user, _ = await self._registering(request)
                found = await desk.mfa.registration_options(user, browser=browser)
            else:
                flow = self._second(request) if asked == "second-factor" else None
                user_id = flow.user_id if flow is not None else None
                found = await desk.mfa.authentication_options(browser=browser, user_id=user_id)
        except MfaError as error:
            return JSONResponse({"detail": str(error)}, 400, {"cache-control": "no-store"})
        return Response(found, 200, {"cache-control": "no-store"}, "application/json")

    async def sign_in(self, request: Request) -> Response:
        """Alone, or as the second factor of whoever gave a password."""
        desk = self._desk
        form = await desk.forms.read(request)
        flow = self._second(request) if text(form, "for") == "second-factor" else None
        try:
            passkey = await desk.mfa.verify_passkey(
                secret(form, "passkey"),
                browser=self._browser(request),
                source=desk.source(request),
                user_id=flow.user_id if flow is not None else None,
            )
            user = await desk.users.by_id(passkey.user_id)
            if user is None:
                return desk.go(request, "/login", note="passkey")
            amr = (*flow.amr, *SECOND) if flow is not None else ALONE
            started_at = flow.started_at if flow is not None else None
            onward = desk.redirect(desk.onward(request))
            return await enter(desk, request, onward, user, amr=amr, started_at=started_at)
        except MfaError:
            return desk.go(request, "/mfa" if flow is not None else "/login", note="passkey")

    async def register(self, request: Request) -> Response:
        """Add a passkey to the account, or as the second factor that is required."""
        desk = self._desk
        form = await desk.forms.read(request)
        user, flow = await self._registering(request)
        try:
            enrolled = await desk.mfa.register_passkey(
                user,
                secret(form, "passkey"),
                name=text(form, "name", 64) or "Passkey",
                browser=self._browser(request),
                source=desk.source(request),
            )
        except MfaError:
            return desk.go(request, "/mfa/setup" if flow is not None else "/account/security", note="passkey")
        onward = f"{desk.pool.path}/account/security" if flow is None else desk.onward(request)
        if enrolled.recovery_codes:
            response = desk.show(
                request, "recovery_codes.html", codes=enrolled.recovery_codes, onward=onward, first=flow is not None
            )
        else:
            response = desk.redirect(onward)
        if flow is None:
            return response
        return await enter(desk, request, response, user, amr=(*flow.amr, *SECOND), started_at=flow.started_at)

    async def _registering(self, request: Request) -> tuple[User, Flow | None]:
        desk = self._desk
        flow = desk.flows.read(request, "set_up")
        if flow is not None:
            user = await desk.users.by_id(flow.user_id)
            if user is not None and not (await desk.mfa.methods_of(user.id)).any:
                return user, flow
        session = await desk.sessions.current(request)
        user = None if session is None else await desk.users.by_id(session.user_id)
        if session is None or user is None or not recent(session, desk.pool.clock()):
            raise FormRefused("Please sign in again, and then add the passkey.")
        return user, None

    def _second(self, request: Request) -> Flow:
        flow = self._desk.flows.read(request, "second_factor")
        if flow is None:
            raise FormRefused("That took too long. Please sign in again.")
        return flow

    def _browser(self, request: Request) -> str:
        browser = self._desk.forms.browser(request)
        if browser is None:
            raise FormRefused("Your browser sent no cookie. Allow cookies for this site, and try again.")
        return browser
