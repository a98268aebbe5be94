"""The second factors of an account: the app, passkeys, recovery codes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.mfa import MfaError
from portico.identity.pages.account.door import Visitor, visitor
from portico.identity.pages.desk import Desk
from portico.identity.pages.forms import text

HERE = "/account/security"
APP = "/account/security/app"
NOTES = {
    "removed": "Removed.",
    "renamed": "Renamed.",
    "added": "Added. You will be asked for it when you sign in.",
    "passkey": "The passkey was not accepted. Nothing has changed.",
}


class Security:
    """`/account/security` and what is below."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.change, methods=["POST"]),
            Route(APP, self.show_app, methods=["GET"]),
            Route(APP, self.add_app, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What there is, and what may be added."""
        found = await visitor(self._desk, request, HERE, just_now=True)
        return found if isinstance(found, Response) else await self._overview(request, found)

    async def change(self, request: Request) -> Response:
        """Remove, rename, or make new recovery codes: each button of the page says which."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await visitor(desk, request, HERE, just_now=True)
        if isinstance(found, Response):
            return found
        user_id, source, passkey = found.user.id, desk.source(request), text(form, "passkey", 128)
        try:
            match text(form, "act", 32):
                case "remove-app":
                    await desk.mfa.remove_totp(user_id, source)
                case "remove-passkey":
                    await desk.mfa.remove_passkey(user_id, passkey, source)
                case "rename-passkey":
                    await desk.mfa.rename_passkey(user_id, passkey, text(form, "name", 64), source)
                    return desk.go(request, HERE, note="renamed")
                case "recovery-codes":
                    codes = await desk.mfa.new_recovery_codes(user_id, source)
                    return self._codes(request, found, codes)
                case _:
                    return desk.go(request, HERE)
        except MfaError as error:
            return await self._overview(request, found, fault=str(error))
        return desk.go(request, HERE, note="removed")

    async def show_app(self, request: Request) -> Response:
        """What the app needs."""
        found = await visitor(self._desk, request, APP, just_now=True)
        if isinstance(found, Response):
            return found
        setup = await self._desk.mfa.begin_totp(found.user)
        return self._desk.show(request, "app.html", user=found.user, setup=setup)

    async def add_app(self, request: Request) -> Response:
        """Take the app's first code."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await visitor(desk, request, APP, just_now=True)
        if isinstance(found, Response):
            return found
        try:
            codes = await desk.mfa.confirm_totp(found.user.id, text(form, "code", 64), desk.source(request))
        except MfaError as error:
            return desk.refuse(request, "app.html", error, user=found.user, setup=None)
        return self._codes(request, found, codes) if codes else desk.go(request, HERE, note="added")

    async def _overview(self, request: Request, found: Visitor, *, fault: str | None = None) -> Response:
        mfa = self._desk.mfa
        return self._desk.show(
            request,
            "security.html",
            status=200 if fault is None else 400,
            user=found.user,
            fault=fault,
            note=NOTES.get(request.query_params.get("note", "")),
            methods=await mfa.methods_of(found.user.id),
            policy=mfa.required_for(found.user),
            offers_totp=mfa.offers_totp,
            offers_passkeys=mfa.offers_passkeys,
        )

    def _codes(self, request: Request, found: Visitor, codes: tuple[str, ...]) -> Response:
        onward = f"{self._desk.pool.path}{HERE}"
        return self._desk.show(
            request, "recovery_codes.html", user=found.user, codes=codes, onward=onward, first=False
        )  # fmt: skip
