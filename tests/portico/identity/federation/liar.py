"""A provider that says whatever a test wants it to: what an honest Portico never answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwk, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Liar:
    """What it answers."""

    issuer: str
    clock: Callable[[], float]
    document: dict[str, Any] = field(default_factory=dict)  # instead of what the honest one would say; None: left out
    claims: dict[str, Any] = field(default_factory=dict)  # the same, of ID tokens
    header: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    token_body: Callable[[], AsyncIterator[bytes]] | None = None  # instead of an answer
    packed: bool = False  # the answer claims to be gzip
    keys_hang: bool = False
    document_hangs: bool = False
    nonce: str = ""  # of the last sign-in
    received: list[tuple[str, dict[str, str], str]] = field(default_factory=list)  # path, form, Authorization
    key: Any = field(default_factory=lambda: jwk.ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256"}))

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/keys", self.keys),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    async def discovery(self, request: Request) -> Response:
        self.received.append(("discovery", {}, ""))
        if self.document_hangs:
            return StreamingResponse(drip())
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.document,
        }
        return JSONResponse({name: value for name, value in said.items() if value is not None})

    async def keys(self, request: Request) -> Response:
        return (
            StreamingResponse(drip()) if self.keys_hang else JSONResponse({"keys": [self.key.as_dict(private=False)]})
        )

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.received.append(("token", form, request.headers.get("authorization", "")))
        if self.token_body is not None:
            return StreamingResponse(self.token_body(), headers={"content-encoding": "gzip"} if self.packed else None)
        return JSONResponse({"id_token": self.id_token(), "token_type": "Bearer"}, self.token_status)

    def id_token(self) -> str:
        said = {
            "iss": self.issuer,
            "sub": "of-ada",
            "aud": "shop",
            "exp": int(self.clock()) + 300,
            "iat": int(self.clock()),
            "nonce": self.nonce,
            "email": "ada@example.com",
            "email_verified": True,
            **self.claims,
        }
        claims = {name: value for name, value in said.items() if value is not None}
        header = {"alg": "ES256", "kid": "one", **self.header}
        return str(jwt.encode(header, claims, self.key, algorithms=[header["alg"]]))

    def answer(self, sent_to: str) -> str:
        """The address that the browser goes back to, as if somebody had signed in."""
        asked = dict(parse_qsl(urlsplit(sent_to).query))
        self.nonce = asked["nonce"]
        return f"{asked['redirect_uri']}?code=a-code&state={asked['state']}"


async def drip() -> AsyncIterator[bytes]:
    """An answer that never ends, and is never silent for long."""
    while True:
        yield b" "
        await asyncio.sleep(0.02)


async def flood() -> AsyncIterator[bytes]:
    """An answer that is as long as the reader lets it be."""
    while True:
        yield b" " * 65_536
        await asyncio.sleep(0)
