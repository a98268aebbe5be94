"""What has happened for one authorization request so far: a sealed parameter of its address.

`prompt=login` sends a person to the sign-in page, and the same request comes back. The ticket says since when a sign-in
counts, so that the second visit goes on and the first does not. It is bound to the rest of the request, lives an hour,
and says nothing that its holder could not bring about anyway.
"""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Mapping

import msgspec

from portico.identity.pool import Pool
from portico.store import NotSealedHere

PARAMETER = "ticket"
LIFETIME = 3_600.0  # seconds, as that of the sealed way back
_PURPOSE = "authorize-ticket"


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """What has happened."""

    made_at: float  # seconds since the epoch
    sign_in_since: float | None = None  # a sign-in counts from then on, in seconds since the epoch
    consent_in: str | None = None  # the id of the session in which the person was asked and agreed


class Tickets:
    """Seals tickets, and opens them again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def seal(self, ticket: Ticket, request: Mapping[str, str]) -> str:
        """A ticket for one request, as text.

        Args:
            ticket: what has happened.
            request: the parameters that it belongs to.
        """
        return self._pool.secrets.seal_text(_PURPOSE, msgspec.msgpack.encode(ticket), bound_to=_name(request))

    def of(self, request: Mapping[str, str]) -> Ticket:
        """The ticket of a request; an empty one where there is none that counts."""
        now = self._pool.clock()
        try:
            plain = self._pool.secrets.open_text(_PURPOSE, request.get(PARAMETER, ""), bound_to=_name(request))
            ticket = msgspec.msgpack.decode(plain, type=Ticket)
        except (NotSealedHere, msgspec.DecodeError, UnicodeError):
            return Ticket(now)
        return ticket if now < ticket.made_at + LIFETIME else Ticket(now)


def _name(request: Mapping[str, str]) -> str:
    rest = sorted((name, value) for name, value in request.items() if name != PARAMETER)
    return hashlib.sha256(urllib.parse.urlencode(rest).encode()).hexdigest()
