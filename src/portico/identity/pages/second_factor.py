"""The second factor at sign-in, and its set-up where one is required."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.mfa import MfaError
from portico.identity.mfa.errors import NotEnrolled
from portico.identity.pages.arrival import enter
from portico.identity.pages.desk import Desk
from portico.identity.pages.flow import Flow
from portico.identity.pages.forms import text
from portico.identity.users.model import User

NOTES = {"passkey": "The passkey was not accepted. Please try again."}
AMR = ("otp", "mfa")  # RFC 8176: what a code from an app or from the list of recovery codes proves


class SecondFactor:
    """`/mfa` and `/mfa/setup`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/mfa", self.show, methods=["GET"]),
            Route("/mfa", self.submit, methods=["POST"]),
            Route("/mfa/setup", self.show_set_up, methods=["GET"]),
            Route("/mfa/setup", self.set_up, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Asks for what this person has."""
        flow = self._desk.flows.read(request, "second_factor")
        if flow is None:
            return self._desk.go(request, "/login", note="expired")
        shown = await self._shown(flow, recover="recover" in request.query_params)
        note = NOTES.get(request.query_params.get("note", ""))
        return self._desk.show(request, "mfa.html", shown, fault=note)

    async def submit(self, request: Request) -> Response:
        """Check a code of the app, or a recovery code."""
        desk = self._desk
        form = await desk.forms.read(request)
        flow = desk.flows.read(request, "second_factor")
        user = None if flow is None else await desk.users.by_id(flow.user_id)
        if flow is None or user is None:
            return desk.go(request, "/login", note="expired")
        source = desk.source(request)
        try:
            if "recovery_code" in form:
                await desk.mfa.verify_recovery_code(user.id, text(form, "recovery_code", 64), source)
            else:
                await desk.mfa.verify_totp(user.id, text(form, "code", 64), source)
            onward = desk.redirect(desk.onward(request))
            return await enter(desk, request, onward, user, amr=(*flow.amr, *AMR), started_at=flow.started_at)
        except MfaError as error:
            shown = await self._shown(flow, recover="recovery_code" in form)
            return desk.refuse(request, "mfa.html", error, shown)

    async def _shown(self, flow: Flow, *, recover: bool) -> dict[str, object]:
        methods = await self._desk.mfa.methods_of(flow.user_id)
        return {
            "totp": methods.totp,
            "passkeys": bool(methods.passkeys),
            "recovery": methods.recovery_codes > 0,
            "recover": recover,
        }

    async def show_set_up(self, request: Request) -> Response:
        """Offers what the pool allows; nobody gets past it."""
        found = await self._setting_up(request)
        return found if isinstance(found, Response) else await self._offer(request, found[1])

    async def set_up(self, request: Request) -> Response:
        """Take the app's first code, show the recovery codes; with the next step one is in."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await self._setting_up(request)
        if isinstance(found, Response):
            return found
        flow, user = found
        try:
            codes = await desk.mfa.confirm_totp(user.id, text(form, "code", 64), desk.source(request))
        except NotEnrolled:
            return await self._offer(request, user)
        except MfaError as error:
            return desk.refuse(request, "mfa_setup.html", error, setup=None, app=True, passkeys=False)
        onward = desk.onward(request)
        response = desk.show(request, "recovery_codes.html", codes=codes, onward=onward, first=True)
        return await enter(desk, request, response, user, amr=(*flow.amr, *AMR), started_at=flow.started_at)

    async def _offer(self, request: Request, user: User) -> Response:
        mfa = self._desk.mfa
        setup = await mfa.begin_totp(user) if mfa.offers_totp else None
        note = NOTES.get(request.query_params.get("note", ""))
        return self._desk.show(
            request, "mfa_setup.html", setup=setup, app=setup is not None, passkeys=mfa.offers_passkeys, fault=note
        )

    async def _setting_up(self, request: Request) -> tuple[Flow, User] | Response:
        flow = self._desk.flows.read(request, "set_up")
        user = None if flow is None else await self._desk.users.by_id(flow.user_id)
        if flow is None or user is None or (await self._desk.mfa.methods_of(user.id)).any:
            return self._desk.go(request, "/login", note="expired")
        return flow, user
