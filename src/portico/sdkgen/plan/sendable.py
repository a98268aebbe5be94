"""Names that headers and cookies of a request can have."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2; cookies too: RFC 6265 section 4.1.1
_FRAMING = frozenset(("host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"))


def is_sendable(location: str, name: str) -> bool:
    """Whether a client can send it: the name can be written, and does not say where the request goes or ends.

    Args:
        location: header or cookie; elsewhere any name is percent-encoded.
        name: on the wire.
    """
    if location not in ("header", "cookie"):
        return True
    return _TOKEN.fullmatch(name) is not None and not (location == "header" and name.lower() in _FRAMING)
