"""The page of a key and what one does there: open it with a key, add a key, rotate it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from portico.access.account.door import Door, Visitor
from portico.access.account.errors import KeyMissing, KeyRotated, NoMoreSecrets, TooManyGuesses
from portico.access.account.figures import SERIES, Reader
from portico.access.account.guesses import Guesses
from portico.access.account.passes import Opened, Passes
from portico.access.account.renderer import Renderer
from portico.access.keys.errors import ApiKeyNotFound, ApiKeyUnknown, TooManySecrets
from portico.access.keys.model import ApiKey, KeySecret
from portico.access.keys.service import ApiKeys
from portico.access.plans import Plan, Plans
from portico.identity.pages.errors import FormUnreadable, PageError
from portico.identity.pages.forms import Forms, text
from portico.store import Clock, StoreError

if TYPE_CHECKING:
    from portico.identity.pages.desk import Desk

log = logging.getLogger("portico.access")

Endpoint = Callable[[Request], Awaitable[Response]]

PATH = "/account"
RETRY_AFTER = "5"  # seconds
LISTED = 100  # keys of somebody that the page lists
OVERLAPS = {"0": "Now", "3600": "In 1 hour", "86400": "In 1 day", "604800": "In 7 days"}  # seconds
USUAL = "86400"
NOTES = {"claimed": "The key is yours now.", "closed": "The key is closed in this browser."}
WRONG = "This key does not open anything here. Check that you copied all of it."
JSON = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class Pages:
    """What answers at `/account`."""

    def __init__(
        self,
        *,
        door: Door,
        passes: Passes,
        guesses: Guesses,
        keys: ApiKeys,
        plans: Plans,
        reader: Reader,
        forms: Forms,
        renderer: Renderer,
        desk: Desk | None,
        clock: Clock,
    ) -> None:
        self._door = door
        self._passes = passes
        self._guesses = guesses
        self._keys = keys
        self._plans = plans
        self._reader = reader
        self._forms = forms
        self._renderer = renderer
        self._desk = desk
        self._clock = clock
        self._rotating = asyncio.Lock()

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(PATH, self._guarded(self.show), methods=["GET"]),
            Route(f"{PATH}/", self.home, methods=["GET"]),
            Route(f"{PATH}/usage", self.usage, methods=["GET"]),
            Route(f"{PATH}/open", self._guarded(self.open), methods=["POST"]),
            Route(f"{PATH}/close", self._guarded(self.close), methods=["POST"]),
            Route(f"{PATH}/add", self._guarded(self.add), methods=["POST"]),
            Route(f"{PATH}/rotate", self._guarded(self.ask), methods=["GET"]),
            Route(f"{PATH}/rotate", self._guarded(self.rotate), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """A key, or the ways in."""
        visitor = await self._door.visitor(request)
        note = NOTES.get(request.query_params.get("note", ""))
        if not visitor.keys:
            return self._ways_in(request, visitor, note=note)
        return await self._key(request, visitor, visitor.key(request.query_params.get("key", "")), note=note)

    async def home(self, request: Request) -> Response:
        """Who typed a slash too many."""
        return self._redirect(PATH)

    async def usage(self, request: Request) -> Response:
        """How a key stands, as JSON for the page's script.

        Raises:
            HTTPException: nobody's page is open, it is none of their keys, or the database cannot be asked.
        """
        try:
            visitor = await self._door.visitor(request, seen=False)
            key = visitor.key(request.query_params.get("key", ""))
            figures = await self._reader.figures(key)
        except KeyMissing:
            raise HTTPException(404, "There is no such key.", JSON) from None
        except StoreError as error:
            log.error("the usage of a key cannot be told: %s", error)
            raise HTTPException(503, "Please try again in a moment.", {**JSON, "retry-after": RETRY_AFTER}) from None
        return Response(msgspec.json.encode(figures), 200, JSON, "application/json")

    async def open(self, request: Request) -> Response:
        """Open the page with a key. Forms from before are void: nobody opens somebody else's page with theirs."""
        form = await self._forms.read(request)
        try:
            opened = await self._shown(request, text(form, "key"))
        except (ApiKeyUnknown, TooManyGuesses) as error:
            return self._refused(request, await self._door.visitor(request), error)
        response = self._redirect(f"{PATH}?key={opened.key.id}")
        self._passes.remember(opened, response)
        self._forms.renew(response)
        return response

    async def close(self, request: Request) -> Response:
        """Forget the key that the page was opened with."""
        await self._forms.read(request)
        response = self._redirect(f"{PATH}?note=closed")
        self._passes.forget(response)
        self._forms.renew(response)
        return response

    async def add(self, request: Request) -> Response:
        """Make a key theirs who is signed in and shows its newest secret."""
        form = await self._forms.read(request)
        visitor = await self._door.visitor(request)
        if visitor.user is None:
            return self._redirect(PATH)
        try:
            opened = await self._shown(request, text(form, "key"))
            if opened.secret_ends_at is not None:
                raise ApiKeyUnknown
            key = await self._keys.claim(text(form, "key"), visitor.user.id, source=visitor.source)
        except (ApiKeyUnknown, TooManyGuesses) as error:
            return self._refused(request, visitor, error)
        return self._redirect(f"{PATH}?key={key.id}&note=claimed")

    async def ask(self, request: Request) -> Response:
        """The form that asks when the old secrets end."""
        visitor = await self._door.visitor(request)
        key = visitor.key(request.query_params.get("key", ""))
        visitor.check_rotate(key, self._clock())
        if visitor.must_sign_in_again(key, self._clock()):
            return self._redirect(self._sign_in(note="again"))
        secrets = await self._secrets(key)
        return self._renderer.render(
            request,
            "rotate.html",
            visitor=visitor,
            key=key,
            secrets=_lasting(secrets, self._clock()),
            newest=_state(secrets),
            overlaps=OVERLAPS,
            usual=USUAL,
        )

    async def rotate(self, request: Request) -> Response:
        """Make a new secret, and show it in this answer only. The same form sent again makes no other."""
        form = await self._forms.read(request)
        visitor = await self._door.visitor(request)
        id, overlap = text(form, "key", 64), text(form, "overlap", 16)
        if overlap not in OVERLAPS or not id:
            raise FormUnreadable("Choose when the old secrets end.")
        key = visitor.key(id)
        visitor.check_rotate(key, self._clock())
        if visitor.must_sign_in_again(key, self._clock()):
            return self._redirect(self._sign_in(note="again"))
        async with self._rotating:
            if text(form, "newest", 64) != _state(await self._secrets(key)):
                raise KeyRotated
            try:
                made = await self._keys.rotate(key.id, overlap=float(overlap), source=visitor.source)
            except TooManySecrets:
                raise NoMoreSecrets from None
            except ApiKeyNotFound:
                raise KeyMissing from None
        secret = made.secret.reveal()
        response = self._renderer.render(
            request,
            "rotated.html",
            visitor=visitor,
            key=key,
            secret=secret,
            ends_at=self._clock() + float(overlap) if overlap != "0" else None,
        )
        if visitor.opened is not None and visitor.opened.key.id == key.id:
            await self._passes.renewed(visitor.opened, secret, response)
        return response

    async def _shown(self, request: Request, given: str) -> Opened:
        """The key that somebody shows.

        Raises:
            ApiKeyUnknown: it does not count.
            TooManyGuesses: too many wrong ones came from there; this one was not looked at.
        """
        address = self._door.source(request).address
        await self._guesses.check(address)
        try:
            return await self._passes.open(given, address)
        except ApiKeyUnknown:
            log.info("a wrong key was shown at %s address=%s", PATH, address)
            await self._guesses.wrong(address)
            raise

    async def _key(
        self, request: Request, visitor: Visitor, key: ApiKey, *, status: int = 200, **more: object
    ) -> Response:
        now = self._clock()
        return self._renderer.render(
            request,
            "key.html",
            status=status,
            visitor=visitor,
            key=key,
            keys=visitor.keys[:LISTED],
            state=_status(key, now),
            secrets=_lasting(await self._secrets(key), now),
            plans=self._plans_of(key),
            figures=await self._reader.figures(key),
            series=SERIES,
            may_rotate=visitor.may_rotate(key) and _status(key, now) == "in use",
            **more,
        )

    def _ways_in(self, request: Request, visitor: Visitor, *, status: int = 200, **more: object) -> Response:
        sign_in = self._sign_in() if visitor.user is None else ""
        return self._renderer.render(request, "door.html", status=status, visitor=visitor, sign_in=sign_in, **more)

    def _sign_in(self, *, note: str = "") -> str:
        """The address of the pool's sign-in, which leads back here; "" where there is no pool."""
        if self._desk is None:
            return ""
        return self._desk.renderer.link("/login", return_to=self._desk.returning.seal(PATH), note=note)

    def _refused(self, request: Request, visitor: Visitor, error: Exception) -> Response:
        """The ways in again, with what was wrong. What was typed is not repeated."""
        if isinstance(error, TooManyGuesses):
            response = self._ways_in(request, visitor, status=429, fault=str(error))
            response.headers["retry-after"] = str(math.ceil(error.retry_after))
            return response
        return self._ways_in(request, visitor, status=403, faults={"key": WRONG})

    async def _secrets(self, key: ApiKey) -> list[KeySecret]:
        try:
            return await self._keys.secrets_of(key.id)
        except ApiKeyNotFound:
            raise KeyMissing from None

    def _plans_of(self, key: ApiKey) -> list[tuple[str, Plan | None]]:
        return [(name, self._plans.all.get(name)) for name in key.plans]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                return await endpoint(request)
            except PageError as error:
                return self._error(request, error.title, str(error), error.status)
            except StoreError as error:
                log.error("%s cannot be answered: %s", request.scope["path"], error)
                response = self._error(request, "We are busy", "Please try again in a moment.", 503)
                response.headers["retry-after"] = RETRY_AFTER
                return response

        return guarded

    def _error(self, request: Request, title: str, message: str, status: int) -> Response:
        return self._renderer.render(request, "refused.html", status=status, title=title, message=message)

    @staticmethod
    def _redirect(to: str) -> Response:
        return RedirectResponse(to, 303, {"cache-control": "no-store", "referrer-policy": "same-origin"})


def _lasting(secrets: Sequence[KeySecret], now: float) -> list[KeySecret]:
    return [one for one in secrets if one.expires_at is None or one.expires_at > now]


def _state(secrets: Sequence[KeySecret]) -> str:
    """Names the secrets that there are: a form that was made for others has been overtaken."""
    told = [(one.hint, one.created_at, one.expires_at) for one in secrets]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _status(key: ApiKey, now: float) -> str:
    if not key.enabled:
        return "disabled"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "in use"
