"""The parameters of a request, each of them once (RFC 6749 section 3.1: "MUST NOT be included more than once")."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator, Mapping

from starlette.requests import Request

from portico.identity.oidc.errors import InvalidRequest, TooLarge

BODY = 65_536  # bytes
QUERY = 6_144  # bytes
FIELDS = 64
FORM = "application/x-www-form-urlencoded"


class Parameters(Mapping[str, str]):
    """Names and values. One without a value counts as left out (RFC 6749 section 3.1)."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: value for name, value in values.items() if value}

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def need(self, name: str) -> str:
        """The value of a parameter that must be there.

        Raises:
            InvalidRequest: it is not.
        """
        value = self._values.get(name)
        if value is None:
            raise InvalidRequest(f"The parameter {name} is missing.")
        return value


def parse(text: str) -> Parameters:
    """The parameters of a query or of a form.

    Args:
        text: as it came.

    Raises:
        InvalidRequest: a parameter is repeated, there are too many, or they are no UTF-8.
    """
    try:
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        raise InvalidRequest("The parameters cannot be read.") from None
    if any("\0" in name or "\0" in value for name, value in pairs):  # no database keeps it
        raise InvalidRequest("The parameters cannot be read.")
    values = dict(pairs)
    if len(values) != len(pairs):
        raise InvalidRequest("A parameter is repeated.")
    return Parameters(values)


def of_query(request: Request) -> Parameters:
    """The parameters in a request's address.

    Raises:
        InvalidRequest: they cannot be read.
    """
    query: bytes = request.scope["query_string"]
    if len(query) > QUERY:
        raise InvalidRequest("The query is too long.")
    return parse(query.decode("latin-1"))


async def of_form(request: Request) -> Parameters:
    """The parameters in a request's body.

    Raises:
        InvalidRequest: it is no form, or parameters stand in the address, where logs would keep them.
        TooLarge: there is more than 64 KiB of it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise InvalidRequest(f"The Content-Type must be {FORM}.")
    if request.scope["query_string"]:
        raise InvalidRequest("Parameters belong in the body.")
    return parse((await body(request)).decode("latin-1"))


async def body(request: Request) -> bytes:
    """A request's body.

    Raises:
        TooLarge: there is more than 64 KiB of it.
    """
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > BODY:
            raise TooLarge("The body is too long.")
    return bytes(found)
