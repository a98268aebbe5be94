"""A request as it arrived, and what it says about its signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Received(NamedTuple):
    """A request on the wire. A tuple, since one is made for every signed request."""

    method: str
    raw_path: bytes  # with its percent-encoding, as ASGI's `raw_path` has it
    query_string: bytes  # with its percent-encoding, without the question mark
    headers: Sequence[tuple[bytes, bytes]]  # names in lower case, as ASGI has them
    body: bytes = b""


class Presented(NamedTuple):
    """A signature that is complete and well-formed. Whether it is right, `verify` says."""

    access_key_id: str
    session_token: str | None
    date: float  # seconds since the epoch at which it was signed
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    presigned: bool  # in the query string, not in a header
    expires: int | None  # seconds after `date`; of presigned requests only
    unsigned_payload: bool  # it says UNSIGNED-PAYLOAD
    moment: bytes  # `date` as it was written
    scope: bytes  # of the credential: date, region, service
    signed: bytes  # `signed_headers` as they were written
    payload: bytes  # the body's hash as the client states it; empty where it does not
    path: bytes  # canonical, as the next two
    query: bytes
    headers: bytes

    def until(self, skew: float) -> float:
        """The last moment at which it may be accepted, in seconds since the epoch.

        Args:
            skew: seconds that clocks may differ.
        """
        return self.date + (skew if self.expires is None else self.expires)
