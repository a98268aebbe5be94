"""Forms: what was sent, and that it was sent from a page of ours.

Three things must agree (OWASP, Cross-Site Request Forgery Prevention): the browser's own word about where the form
comes from (`Origin`), a token in the form, and a cookie that the token was made for. The cookie exists before anybody
signs in, so that nobody can be signed in to somebody else's account either (login CSRF), and is changed at sign-in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.pages.errors import FormRefused, FormTooLarge, FormUnreadable
from portico.identity.place import Place
from portico.identity.sessions.cookies import Cookie

FIELD = "csrf"
HEADER = "x-csrf-token"
LIMIT = 65_536  # bytes of a body
FIELDS = 100
NONCE = 12  # random bytes: no two pages carry the same token (BREACH)


class Forms:
    """Makes and checks the tokens of forms, and reads what forms send."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._cookie = Cookie(place, "form")

    def browser(self, request: Request) -> str | None:
        """What names this browser before and after sign-in: a digest of its random cookie."""
        value = self._cookie.read(request)
        return None if value is None else hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()

    def token(self, request: Request) -> tuple[str, str | None]:
        """A token for the form of a page, and the cookie's value where the browser has none yet."""
        value = self._cookie.read(request)
        fresh = None if value is not None else secrets.token_urlsafe(32)
        nonce = secrets.token_urlsafe(NONCE)
        return f"{nonce}.{self._mac(self._place.secrets.key('csrf'), nonce, value or fresh or '')}", fresh

    def write(self, response: Response, value: str) -> None:
        """Give a browser its cookie."""
        self._cookie.write(response, value)

    def renew(self, response: Response) -> None:
        """Give a browser another cookie, at sign-in and sign-out: forms from before are void."""
        self._cookie.write(response, secrets.token_urlsafe(32))

    async def read(self, request: Request) -> FormData:
        """The fields of a form that a page of ours has sent.

        Args:
            request: a POST.

        Raises:
            FormRefused: it does not come from a page that this browser got from us.
            FormTooLarge: more than 64 KiB.
            FormUnreadable: it is no form.
        """
        body = await _body(request, "application/x-www-form-urlencoded")
        try:
            fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
        except ValueError:
            raise FormUnreadable("The form cannot be read.") from None
        form = FormData(list[tuple[str, str | UploadFile]](fields))
        token = form.get(FIELD)
        self._check(request, token if isinstance(token, str) else "")
        return form

    async def read_json(self, request: Request) -> Mapping[str, Any]:
        """The JSON object that a script of ours has sent.

        Args:
            request: a POST whose header `X-CSRF-Token` holds the token.

        Raises:
            FormRefused: it does not come from a page that this browser got from us.
            FormTooLarge: more than 64 KiB.
            FormUnreadable: it is no JSON object.
        """
        body = await _body(request, "application/json")
        self._check(request, request.headers.get(HEADER, ""))
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise FormUnreadable("The request cannot be read.")
        return value

    def _check(self, request: Request, token: str) -> None:
        origin = request.headers.get("origin")
        if origin is not None and origin != self._place.origin:
            raise FormRefused(f"The form was sent from another address. Open {self._place.origin} and begin there.")
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise FormRefused("The form was sent from another site.")
        value = self._cookie.read(request)
        if value is None:
            raise FormRefused("Your browser sent no cookie. Allow cookies for this site, and try again.")
        nonce, _, mac = token.partition(".")
        given = mac.encode("utf-8", "surrogateescape")
        expected = [self._mac(key, nonce, value).encode() for key in self._place.secrets.keys("csrf")]
        if not any(hmac.compare_digest(given, one) for one in expected):
            raise FormRefused("The page was open for too long, or you signed in meanwhile.")

    @staticmethod
    def _mac(key: bytes, nonce: str, value: str) -> str:
        text = f"{nonce}.{value}".encode("utf-8", "surrogateescape")
        return hmac.new(key, text, hashlib.sha256).hexdigest()


def text(form: FormData, name: str, limit: int = 2_048) -> str:
    """A field as a line of text, without the blanks around it.

    Args:
        form: what was sent.
        name: of the field.
        limit: characters that are taken.
    """
    value = form.get(name)
    return value.strip()[:limit] if isinstance(value, str) else ""


def secret(form: FormData, name: str = "password") -> str:
    """A password as it was typed: nothing is cut off."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


async def _body(request: Request, media_type: str) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise FormUnreadable("The form cannot be read.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LIMIT:
            raise FormTooLarge("That is too much for one form.")
    return bytes(body)
