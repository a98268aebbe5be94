"""The cookies of a pool, and how a browser must treat them (RFC 6265bis section 4.1.3)."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from portico.identity.place import Place

LENGTH = 4_000  # characters of a value; browsers keep no more


class Cookie:
    """One cookie of a pool, out of reach of scripts and of other sites.

    Over https it has the prefix `__Host-`: no other host, not even a subdomain, can have set it. Over http (a
    developer's own machine) browsers other than Chromium would drop such a cookie, so the prefix and `Secure` are left
    out.
    """

    def __init__(self, place: Place, kind: str = "") -> None:
        """Describe a cookie.

        Args:
            place: whose: a pool, mostly.
            kind: tells the cookies of one place apart; empty for the session.
        """
        name = f"portico-{place.name}-{kind}" if kind else f"portico-{place.name}"
        self.name = f"__Host-{name}" if place.is_https else name
        self._secure = place.is_https

    def read(self, request: HTTPConnection) -> str | None:
        """Its value in a request."""
        value = request.cookies.get(self.name)
        return value if value and len(value) <= LENGTH else None

    def write(self, response: Response, value: str, *, max_age: float | None = None) -> None:
        """Set it.

        Args:
            response: which carries it.
            value: what it holds.
            max_age: seconds that it is kept; None: until the browser is closed.
        """
        response.set_cookie(
            self.name,
            value,
            max_age=None if max_age is None else int(max_age),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",  # the redirect from another site's link to /oauth2/authorize must carry it
        )

    def clear(self, response: Response) -> None:
        """Take it away."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="lax")
