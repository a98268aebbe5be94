"""What a browser carries from the button to the session: sealed, ten minutes a step.

It never counts as signed in.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.federation.errors import AnswerRefused
from portico.identity.pool import Pool
from portico.identity.sessions.cookies import LENGTH, Cookie
from portico.store import NotSealedHere

LIFETIME = 600.0  # seconds that somebody may take for a step: at the provider, at the password, at the second factor
_PURPOSE = "federation"


class Journey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far somebody has come."""

    provider: str
    started_at: float  # seconds since the epoch
    destination: str = ""  # where the browser goes on, below the pool's path
    state: str = ""
    nonce: str = ""
    verifier: str = ""
    anew: bool = False  # a sign-in there from before does not do
    subject: str = ""  # who came back, when there is a link to be made
    user_id: str = ""  # whom it is to be linked to
    proved_at: float = 0.0  # when the password was right; seconds since the epoch
    expires_at: float = 0.0  # seconds since the epoch


class Journeys:
    """Writes and reads the cookie of a journey."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._cookie = Cookie(pool, "federation")

    def write(self, response: Response, journey: Journey) -> None:
        """Remember a step.

        Args:
            response: which takes the cookie along.
            journey: how far somebody has come.

        Raises:
            AnswerRefused: the request of the application is too long for a cookie.
        """
        journey = msgspec.structs.replace(journey, expires_at=self._pool.clock() + LIFETIME)
        sealed = self._pool.secrets.seal_text(_PURPOSE, msgspec.json.encode(journey), bound_to=self._pool.name)
        if len(sealed) > LENGTH:
            raise AnswerRefused("the application's request is too long to be carried in a cookie")
        self._cookie.write(response, sealed, max_age=LIFETIME)

    def read(self, request: Request) -> Journey | None:
        """What a browser carries; None where it carries nothing, or for too long."""
        sealed = self._cookie.read(request)
        if sealed is None:
            return None
        try:
            plain = self._pool.secrets.open_text(_PURPOSE, sealed, bound_to=self._pool.name)
            journey = msgspec.json.decode(plain, type=Journey)
        except (NotSealedHere, msgspec.DecodeError, UnicodeError):
            return None
        return journey if self._pool.clock() < journey.expires_at else None

    def clear(self, response: Response) -> None:
        """End it, unless the response begins another step."""
        carried = f"{self._cookie.name}="
        if not any(value.startswith(carried) for value in response.headers.getlist("set-cookie")):
            self._cookie.clear(response)
