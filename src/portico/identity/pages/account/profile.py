"""The account at a glance, and what somebody says about themselves."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.account.door import visitor
from portico.identity.pages.attributes import given_of, typed
from portico.identity.pages.desk import HOME, Desk
from portico.identity.users.errors import UserError

NOTES = {
    "profile": "Saved.",
    "password": "Your password is changed. Every other browser and app is signed out.",
    "email": "Your e-mail address is changed.",
}


class Profile:
    """`/account` and `/account/profile`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        attributes = desk.pool.settings.attributes
        self._mutable = {name: declared for name, declared in attributes.items() if declared.mutable}

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(HOME, self.show, methods=["GET"]),
            Route("/account/profile", self.show_form, methods=["GET"]),
            Route("/account/profile", self.save, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What there is."""
        found = await visitor(self._desk, request, HOME)
        if isinstance(found, Response):
            return found
        methods = await self._desk.mfa.methods_of(found.user.id)
        note = NOTES.get(request.query_params.get("note", ""))
        return self._desk.show(
            request, "account.html", user=found.user, methods=methods, note=note, attributes=self._mutable
        )

    async def show_form(self, request: Request) -> Response:
        """The attributes that people may change themselves."""
        found = await visitor(self._desk, request, "/account/profile")
        if isinstance(found, Response):
            return found
        given = given_of(found.user.attributes, self._mutable)
        return self._desk.show(request, "profile.html", user=found.user, given=given, attributes=self._mutable)

    async def save(self, request: Request) -> Response:
        """Keep them."""
        desk = self._desk
        form = await desk.forms.read(request)
        found = await visitor(desk, request, "/account/profile")
        if isinstance(found, Response):
            return found
        given = typed(form, self._mutable)
        try:
            await desk.users.set_attributes(found.user.id, given, source=desk.source(request))
        except UserError as error:
            return desk.refuse(request, "profile.html", error, user=found.user, given=given, attributes=self._mutable)
        return desk.go(request, HOME, note="profile")
