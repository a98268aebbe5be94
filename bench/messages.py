"""The bodies that travel: the concierge's chat message, there and back."""

from __future__ import annotations

import json

_ASKED = {"id": "m-1", "text": "I would like to buy flowers for my mother", "timestamp": "2026-11-21T09:30:00Z"}
_TOLD = {
    "id": "m-1",
    "text": "Our roses are fresh today. Shall I show you a bouquet?",
    "timestamp": "2026-11-21T09:30:01Z",
}


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


ASKED = _encode({"messages": [{"type": "unstructured", "unstructured": _ASKED}]})
REPLY = _encode({"messages": [{"type": "unstructured", "unstructured": _TOLD}]})
GREETING = _encode({"message": "Hello, how can I help you?"})
INVALID = _encode({"messages": [{"type": "telepathic", "unstructured": {**_ASKED, "text": 42}}]})
PROBLEM = _encode(
    {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "2 faults in the body",
        "request_id": "0123456789abcdef0123456789abcdef",
        "errors": [
            {"pointer": "/messages/0/type", "detail": "'telepathic' is not one of 'structured', 'unstructured'"},
            {"pointer": "/messages/0/unstructured/text", "detail": "42 is not of type 'string'"},
        ],
    }
)
"""What the bare function answers in place of a real problem document: about the same size."""
