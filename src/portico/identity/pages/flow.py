"""What a browser has done of a flow that takes several pages. It never counts as signed in.

The state is sealed in a cookie, for a few minutes, and bound to the browser's form cookie: a copy is worth nothing in
another browser.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.pages.forms import Forms
from portico.identity.pool import Pool
from portico.identity.sessions.cookies import Cookie
from portico.store import NotSealedHere

Step = Literal["second_factor", "set_up", "new_password", "confirm", "reset"]
LIFETIME = 600.0  # seconds between the password and the second factor
_PURPOSE = "page-flow"


class Flow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where somebody stands."""

    step: Step
    started_at: float  # when they began to prove who they are, in seconds since the epoch
    ended_at: float = 0.0  # when the form of a sign-up was done with, in seconds since the epoch
    user_id: str = ""  # whose password was right
    login: str = ""  # the name that was typed, known or unknown
    amr: tuple[str, ...] = ()  # what was proved
    expires_at: float = 0.0  # seconds since the epoch


class Flows:
    """Writes and reads the cookie of a flow."""

    def __init__(self, pool: Pool, forms: Forms) -> None:
        self._pool = pool
        self._forms = forms
        self._cookie = Cookie(pool, "flow")

    def write(self, request: Request, response: Response, flow: Flow, *, lifetime: float = LIFETIME) -> None:
        """Remember a step.

        Args:
            request: a form of the browser.
            response: which takes the cookie along.
            flow: the step.
            lifetime: seconds.
        """
        flow = msgspec.structs.replace(flow, expires_at=self._pool.clock() + lifetime)
        sealed = self._pool.secrets.seal_text(_PURPOSE, msgspec.json.encode(flow), bound_to=self._bound_to(request))
        self._cookie.write(response, sealed, max_age=lifetime)

    def read(self, request: Request, *steps: Step) -> Flow | None:
        """The step where a browser stands, if it is one of these and not over."""
        sealed = self._cookie.read(request)
        if sealed is None:
            return None
        try:
            plain = self._pool.secrets.open_text(_PURPOSE, sealed, bound_to=self._bound_to(request))
            flow = msgspec.json.decode(plain, type=Flow)
        except (NotSealedHere, msgspec.DecodeError):
            return None
        return flow if flow.step in steps and flow.expires_at > self._pool.clock() else None

    def clear(self, response: Response) -> None:
        """Forget it."""
        self._cookie.clear(response)

    def _bound_to(self, request: Request) -> str:
        return f"{self._pool.name}/{self._forms.browser(request) or ''}"
