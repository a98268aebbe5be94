"""The port: somebody who remembers what was seen, for as long as it could be sent again.

Signature Version 4 has steps of one second and no nonce, so two honest GETs of the same thing in one second carry the
same signature, while an SDK signs a retry afresh. Hence only unsafe methods are guarded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Iterator
from typing import Literal, Protocol

from portico.signing.errors import NonceMissing, SignatureReplayed
from portico.signing.received import Presented, Received

Mode = Literal["off", "signature", "nonce"]

NONCE = b"x-amz-nonce"
"""The header of the nonce. As every x-amz-* header it has to be signed."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1
_NONCE = re.compile(rb"[A-Za-z0-9._~+/=-]{16,128}")


class ReplayGuard(Protocol):
    """Remembers what was seen."""

    def first_seen(self, signature: str, until: float, now: float) -> bool | Awaitable[bool]:
        """Remember a signature, atomically. The answer comes at once, or is to be awaited.

        Args:
            signature: 64 hexadecimal digits.
            until: seconds since the epoch after which nobody accepts it any more.
            now: seconds since the epoch.

        Returns:
            False where it was remembered already.

        Raises:
            ReplayGuardFull: it cannot be remembered. Awaiting raises it too.
        """

    async def close(self) -> None:
        """Give back what it holds."""


async def check_replay(
    guard: ReplayGuard, received: Received, presented: Presented, *, mode: Mode, skew: float, now: float
) -> None:
    """Refuse an unsafe request that was seen before. Call it after `verify`, so that nobody can fill the guard.

    Args:
        guard: who remembers.
        received: the request.
        presented: its signature.
        mode: `signature`: each signature counts once. `nonce`: each nonce of an access key counts once, also when the
            request is signed again.
        skew: seconds that clocks may differ, as in the rules.
        now: seconds since the epoch.

    Raises:
        SignatureReplayed: it was seen before.
        NonceMissing: the mode is `nonce` and there is none.
        ReplayGuardFull: it cannot be remembered.
    """
    pending = check_replay_at_once(guard, received, presented, mode=mode, skew=skew, now=now)
    if pending is not None:
        await pending


def check_replay_at_once(
    guard: ReplayGuard, received: Received, presented: Presented, *, mode: Mode, skew: float, now: float
) -> Awaitable[None] | None:
    """As `check_replay`, without awaiting: None where the guard has answered, else what must be awaited."""
    if mode == "off" or received.method in _SAFE:
        return None
    marks = [(presented.signature, presented.until(skew))] if mode == "signature" else _nonce(received, presented, skew)
    answers = (guard.first_seen(mark, until, now) for mark, until in marks)
    for first in answers:
        if not isinstance(first, bool):
            return _check_later(first, answers, mode)
        if not first:
            raise _replayed(mode)
    return None


async def _check_later(answer: Awaitable[bool], others: Iterator[bool | Awaitable[bool]], mode: Mode) -> None:
    """The same from an answer on that has to be awaited."""
    first: bool | Awaitable[bool] | None = answer
    while first is not None:
        if not (first if isinstance(first, bool) else await first):
            raise _replayed(mode)
        first = next(others, None)


def _replayed(mode: Mode) -> SignatureReplayed:
    return SignatureReplayed(f"This request was received before: it has the same {mode}. Repeat it with another.")


def _nonce(received: Received, presented: Presented, skew: float) -> list[tuple[str, float]]:
    """What stands for the nonce of an access key, and until when.

    A guard finds again what has the same end. The same nonce may come with another date, so time is cut into windows
    that are as long as dates may differ, and a nonce is remembered in its window and in the one before.
    """
    nonce = next((value for name, value in received.headers if name == NONCE), b"").strip()
    if not _NONCE.fullmatch(nonce):
        raise NonceMissing("This operation wants a signed header 'x-amz-nonce': 16 to 128 random letters and digits.")
    ends = [presented.until(skew)]
    if not presented.presigned:
        length = max(2 * skew, 60.0)
        begin = presented.date // length * length
        ends = [begin + skew, begin + length + skew]
    return [(_mark(presented.access_key_id, nonce, end), end) for end in ends]


def _mark(access_key_id: str, nonce: bytes, end: float) -> str:
    return hashlib.sha256(b"\n".join((access_key_id.encode(), nonce, b"%f" % end))).hexdigest()
