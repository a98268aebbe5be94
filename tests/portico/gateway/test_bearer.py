"""Bearer tokens at the gateway: the pool's, and those of an issuer that is found by its discovery document."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient
from tests.portico.gateway.designs import document, operation

from portico.gateway.authority import Authority
from portico.tokens import Discovered, Issuer, Key, Rules

Serve = Callable[..., TestClient]
POOL = "http://localhost:8000/auth/main"
KEY = rsa.generate_private_key(65_537, 2_048)


class Provider:
    """Another OpenID provider, on a port of this machine."""

    def __init__(self) -> None:
        self.keys = {"k1": rsa.generate_private_key(65_537, 2_048)}
        self.asked: list[str] = []
        self.broken = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                body = json.dumps(outer.answer(self.path)).encode()
                self.send_response(500 if outer.broken else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        return {
            "keys": [
                {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}
                for kid, key in self.keys.items()
            ]
        }

    def token(self, kid: str = "k1", **claims: Any) -> str:
        said = {"iss": self.issuer, "sub": "ann", "aud": "shop", "exp": int(time.time()) + 60, **claims}
        return jwt.encode(said, self.keys[kid], algorithm="RS256", headers={"kid": kid})


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


class PoolKeys:
    def known(self) -> dict[str, Key]:
        return {"pool": Key("RS256", KEY.public_key())}

    async def refetch(self) -> dict[str, Key]:
        return self.known()


def authority() -> Authority:
    rules = Rules(issuer=POOL, types=frozenset({"at+jwt"}), uses=frozenset({"access"}))
    return Authority(pool=Issuer(rules, PoolKeys()), origin="http://localhost:8000")


def pool_token(**claims: Any) -> str:
    said = {
        "iss": POOL,
        "sub": "ann",
        "aud": POOL,
        "client_id": "chat",
        "token_use": "access",
        "scope": "openid shop/read",
        "exp": int(time.time()) + 60,
        "iat": int(time.time()),
        **claims,
    }
    return jwt.encode(said, KEY, algorithm="RS256", headers={"kid": "pool", "typ": "at+jwt"})


def secured(scheme: dict[str, Any], *scopes: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    schemes = {"signIn": scheme, **(more or {})}
    security = [{"signIn": list(scopes)}]
    return document({"/me": {"get": operation("me", security=security)}}, components={"securitySchemes": schemes})


def me(ctx: Any) -> dict[str, Any]:
    caller = ctx.caller
    known = {"subject": caller.subject, "client": caller.client, "scopes": sorted(caller.scopes)}
    return known | {"issuer": caller.issuer}


OIDC = {"type": "openIdConnect", "openIdConnectUrl": "/auth/main/.well-known/openid-configuration"}
FLOW = {"authorizationUrl": "/auth/main/oauth2/authorize", "tokenUrl": "/auth/main/oauth2/token", "scopes": {}}
WAYS = {
    "openIdConnect": OIDC,
    "openIdConnect, absolute": {**OIDC, "openIdConnectUrl": f"{POOL}/.well-known/openid-configuration"},
    "oauth2": {"type": "oauth2", "flows": {"authorizationCode": FLOW}},
    "bearer": {"type": "http", "scheme": "bearer"},
}


@pytest.mark.parametrize("way", WAYS)
def test_each_kind_of_scheme_takes_tokens_of_the_pool(serve: Serve, way: str) -> None:
    client = serve(secured(WAYS[way], "shop/read"), {"me": me}, authority=authority())
    answer = client.get("/me", headers={"Authorization": f"Bearer {pool_token()}"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "subject": "ann",
        "client": "chat",
        "scopes": ["openid", "shop/read"],
        "issuer": POOL,
    }


def test_without_a_token_the_answer_asks_for_one(serve: Serve) -> None:
    answer = serve(secured(OIDC), {"me": me}, authority=authority()).get("/me")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", ""])
def test_a_token_that_is_not_valid_is_told_as_rfc_6750_has_it(serve: Serve, token: str) -> None:
    client = serve(secured(OIDC), {"me": me}, authority=authority())
    answer = client.get("/me", headers={"Authorization": f"Bearer {token} ".encode()})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_an_expired_token_says_so(serve: Serve) -> None:
    client = serve(secured(OIDC), {"me": me}, authority=authority())
    answer = client.get("/me", headers={"Authorization": f"Bearer {pool_token(exp=1)}"})
    assert answer.json()["detail"] == "The token has expired."
    assert 'error_description="The token has expired."' in answer.headers["www-authenticate"]


def test_a_missing_scope_is_named(serve: Serve) -> None:
    client = serve(secured(OIDC, "shop/read", "shop/write"), {"me": me}, authority=authority())
    answer = client.get("/me", headers={"Authorization": f"Bearer {pool_token()}"})
    assert answer.status_code == 403
    assert answer.json()["missing_scopes"] == ["shop/write"]
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="shop/read shop/write"'


def test_an_id_token_does_not_open_the_api(serve: Serve) -> None:
    client = serve(secured(OIDC), {"me": me}, authority=authority())
    answer = client.get("/me", headers={"Authorization": f"Bearer {pool_token(token_use='id')}"})
    assert answer.status_code == 401


def test_a_token_that_claims_a_role_or_a_key_has_none(serve: Serve) -> None:
    """Roles are of signed requests: a trigger, an attribute or another issuer may call a claim as it likes."""

    def seen(ctx: Any) -> dict[str, Any]:
        return {"role": ctx.caller.role, "key": ctx.caller.key, "claimed": ctx.caller.claims["role"]}

    client = serve(secured(OIDC), {"me": seen}, authority=authority())
    token = pool_token(role="florist", access_key="AKIAAAAAAAAAAAAAAAAA", key="AKIAAAAAAAAAAAAAAAAA")
    answer = client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"role": None, "key": None, "claimed": "florist"}


def test_a_pool_that_is_not_there_denies(serve: Serve) -> None:
    for address in ("/auth/other/.well-known/openid-configuration", "https://localhost:8000/auth/main", ""):
        scheme = {"type": "openIdConnect", "openIdConnectUrl": address}
        client = serve(secured(scheme), {"me": me}, authority=authority())
        assert client.get("/me", headers={"Authorization": f"Bearer {pool_token()}"}).status_code == 401


def external(provider: Provider, **more: Any) -> dict[str, Any]:
    return {
        "type": "openIdConnect",
        "openIdConnectUrl": f"{provider.issuer}/.well-known/openid-configuration",
        "x-amazon-apigateway-authorizer": {
            "type": "jwt",
            "jwtConfiguration": {"issuer": provider.issuer, "audience": ["shop"]},
        },
        **more,
    }


def test_tokens_of_another_issuer_are_verified_with_its_published_keys(serve: Serve, provider: Provider) -> None:
    client = serve(secured(external(provider)), {"me": me}, authority=Authority())
    for _ in range(3):
        answer = client.get("/me", headers={"Authorization": f"Bearer {provider.token()}"})
        assert answer.json()["subject"] == "ann", answer.text
        assert answer.json()["issuer"] == provider.issuer
    assert provider.asked == ["/.well-known/openid-configuration", "/jwks"]


def test_a_token_for_another_audience_says_nothing_here(serve: Serve, provider: Provider) -> None:
    client = serve(secured(external(provider)), {"me": me}, authority=Authority())
    answer = client.get("/me", headers={"Authorization": f"Bearer {provider.token(aud='other')}"})
    assert answer.status_code == 401


def test_an_issuer_without_an_audience_denies(serve: Serve, provider: Provider) -> None:
    scheme = external(provider)
    del scheme["x-amazon-apigateway-authorizer"]
    client = serve(secured(scheme), {"me": me}, authority=Authority())
    answer = client.get("/me", headers={"Authorization": f"Bearer {provider.token()}"})
    assert (answer.status_code, provider.asked) == (401, [])


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_keys_are_asked_for_once_per_unknown_key_and_outlive_an_outage(provider: Provider) -> None:
    clock = Clock()
    keys = Discovered(provider.issuer, clock=clock)
    issuer = Issuer(Rules(issuer=provider.issuer, audiences=frozenset({"shop"})), keys, clock=clock)

    async def subject(kid: str = "k1") -> Any:
        claims = issuer.claims(provider.token(kid, exp=int(clock.now) + 60).encode())
        return (claims if isinstance(claims, dict) else await claims)["sub"]

    assert await subject() == "ann"
    provider.keys["k2"] = rsa.generate_private_key(65_537, 2_048)
    for _ in range(20):  # a flood of unknown keys asks nobody for half a minute
        with pytest.raises(Exception, match="kid"):
            await subject("k2")
    assert len(provider.asked) == 2
    clock.now += 31
    assert await subject("k2") == "ann"
    assert len(provider.asked) == 4
    provider.broken = True
    clock.now += 3_600
    assert await subject() == "ann"  # known keys are good for a day
    clock.now += 86_400
    with pytest.raises(Exception, match="kid"):
        await subject()


async def test_a_discovery_document_that_speaks_for_somebody_else_is_not_believed(provider: Provider) -> None:
    keys = Discovered(provider.issuer + "/")
    assert await keys.refetch() == {}


def test_two_schemes_together_are_one_caller(serve: Serve) -> None:
    def key_info(apikey: str) -> dict[str, Any] | None:
        return {"sub": "partner"} if apikey == "secret" else None

    import sys
    import types

    module = types.ModuleType("key_functions")
    module.key_info = key_info  # type: ignore[attr-defined]
    sys.modules["key_functions"] = module
    key = {"type": "apiKey", "in": "header", "name": "X-Key", "x-apikeyInfoFunc": "key_functions.key_info"}
    doc = secured(OIDC, more={"key": key})
    doc["paths"]["/me"]["get"]["security"] = [{"signIn": ["shop/read"], "key": []}]
    client = serve(doc, {"me": me}, authority=authority())
    headers = {"Authorization": f"Bearer {pool_token()}"}
    assert client.get("/me", headers=headers).status_code == 401
    answer = client.get("/me", headers={**headers, "X-Key": "secret"})
    assert answer.json()["subject"] == "ann"
    assert answer.json()["client"] == "chat"
