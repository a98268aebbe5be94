"""What the document says of the whole API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Scheme(NamedTuple):
    """A way to prove who calls."""

    kind: str  # key, basic, bearer, login, client, signed, none
    location: str = ""  # of keys: header, query, cookie
    parameter: str = ""  # of keys
    discovery: str = ""  # openIdConnectUrl, as the document has it
    authorization_url: str = ""
    token_url: str = ""
    scopes: tuple[str, ...] = ()


class Sdk(NamedTuple):
    """One API."""

    name: str  # of the package
    version: str
    title: str
    models: str  # the module of the models
    base_path: str = ""
    server: str = ""  # the origin that is called where nobody says another
    schemes: Mapping[str, Scheme] = {}
    client_id: str = ""
    region: str = "us-east-1"

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes that its operations ask for."""
        return tuple(dict.fromkeys(scope for scheme in self.schemes.values() for scope in scheme.scopes))
