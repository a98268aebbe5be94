"""Fetching a remote part of a design: one bounded request, no redirects."""

from __future__ import annotations

import time

import httpx2

from portico.design import decode
from portico.design.limits import FETCH_TIMEOUT, MAX_BYTES, Unreadable


def text(url: str) -> str:
    """The text at an address that the project allows.

    Redirects are not followed: they would lead where nobody has allowed anything.

    Raises:
        Unreadable: no answer in time, not a 200, or too large.
    """
    deadline = time.monotonic() + FETCH_TIMEOUT
    data = bytearray()
    try:
        with httpx2.stream("GET", url, timeout=FETCH_TIMEOUT, follow_redirects=False) as response:
            if response.status_code != 200:
                raise Unreadable("unreadable-file", f"{url} answered {response.status_code}.")
            for part in response.iter_bytes():
                data += part
                if len(data) > MAX_BYTES:
                    raise Unreadable("too-large", f"{url} is larger than {MAX_BYTES:,} bytes.")
                if time.monotonic() > deadline:
                    raise Unreadable("unreadable-file", f"{url} took longer than {FETCH_TIMEOUT:g} s.")
    except httpx2.HTTPError as error:
        raise Unreadable("unreadable-file", f"{url} cannot be fetched: {error}.") from None
    return decode.text_of(bytes(data))
