"""Security functions: every type of scheme, and how they combine."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import connexion
import pytest
from connexion.exceptions import OAuthProblem
from connexion.security import AbstractSecurityHandler, ApiKeySecurityHandler, BearerSecurityHandler
from starlette.exceptions import HTTPException
from tests.portico.gateway.connexion.documents import echo, get, openapi, operation, swagger

BEARER = {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": "guard.bearer"}
BASIC = {"type": "http", "scheme": "basic", "x-basicInfoFunc": "guard.basic"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key", "x-apikeyInfoFunc": "guard.key"}
OTHER_KEY = {"type": "apiKey", "in": "header", "name": "X-Other", "x-apikeyInfoFunc": "guard.key"}
FLOWS = {"clientCredentials": {"tokenUrl": "https://issuer.example/token", "scopes": {"read": "", "write": ""}}}
OAUTH = {"type": "oauth2", "flows": FLOWS, "x-tokenInfoFunc": "guard.token"}
OPENID = {"type": "openIdConnect", "openIdConnectUrl": "https://issuer.example/.well-known/openid-configuration"}


def secured(security: list[Any], **schemes: dict[str, Any]) -> dict[str, Any]:
    """A document whose only operation asks for this."""
    document = get(security=security)
    document["components"] = {"securitySchemes": schemes}
    return document


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def who(user: Any = "nobody", token_info: Any = None) -> dict[str, Any]:
    """A handler that tells who called."""
    return {"user": user, "token_info": token_info}


@pytest.fixture
def guard(module):
    """A module of security functions: what is asked for by name in the documents here."""
    people = {"ann": {"sub": "ann", "scope": "read write"}, "bob": {"uid": "bob", "scopes": ["read"]}}
    functions: dict[str, Any] = {
        "bearer": lambda token: people.get(token),
        "token": lambda token: people.get(token),
        "key": lambda key: {"sub": key} if key.startswith("k") else None,
        "basic": lambda username, password: {"sub": username} if password == "right" else None,
    }

    def guard(**others: Any) -> None:
        module("guard", **{**functions, **others})

    guard()
    return guard


SCHEMES: list[tuple[str, dict[str, Any], dict[str, Any], int, Any]] = [
    # what it shows, the scheme, the request, the status, the user
    ("a bearer token", BEARER, {"headers": bearer("ann")}, 200, "ann"),
    ("a bearer token of an older function", BEARER, {"headers": bearer("bob")}, 200, "bob"),
    ("a scheme in small letters", BEARER, {"headers": {"Authorization": "bearer ann"}}, 200, "ann"),
    ("an unknown token", BEARER, {"headers": bearer("eve")}, 401, None),
    ("no token", BEARER, {}, 401, None),
    ("an empty header", BEARER, {"headers": {"Authorization": ""}}, 401, None),
    ("a header without a token", BEARER, {"headers": {"Authorization": "Bearer"}}, 401, None),
    ("another scheme", BEARER, {"headers": basic("ann:right")}, 401, None),
    ("a name and a password", BASIC, {"headers": basic("ann:right")}, 200, "ann"),
    ("a wrong password", BASIC, {"headers": basic("ann:wrong")}, 401, None),
    ("a password with colons is kept whole", BASIC, {"headers": basic("ann:a:b")}, 401, None),
    ("no colon", BASIC, {"headers": basic("ann")}, 401, None),
    ("no base64", BASIC, {"headers": {"Authorization": "Basic %%%"}}, 401, None),
    ("a key in a header", KEY, {"headers": {"x-key": "k1"}}, 200, "k1"),
    ("an unknown key", KEY, {"headers": {"X-Key": "x"}}, 401, None),
    ("no key", KEY, {}, 401, None),
    ("a key in the query", {**KEY, "in": "query", "name": "key"}, {"params": {"key": "k1"}}, 200, "k1"),
    ("no key in the query", {**KEY, "in": "query", "name": "key"}, {"headers": {"key": "k1"}}, 401, None),
    ("a key in a cookie", {**KEY, "in": "cookie", "name": "key"}, {"headers": {"Cookie": "a=b; key=k1"}}, 200, "k1"),
    ("no key in a cookie", {**KEY, "in": "cookie", "name": "key"}, {"headers": {"Cookie": "a=k1"}}, 401, None),
    ("a key that is a bearer token",
     {"type": "apiKey", "in": "header", "name": "Authorization", "x-authentication-scheme": "Bearer",
      "x-bearerInfoFunc": "guard.bearer"}, {"headers": bearer("ann")}, 200, "ann"),
    ("an OAuth token", OAUTH, {"headers": bearer("ann")}, 200, "ann"),
    ("an OAuth token without a scope", OAUTH, {"headers": bearer("bob")}, 403, None),
    ("an unknown OAuth token", OAUTH, {"headers": bearer("eve")}, 401, None),
    ("no OAuth token", OAUTH, {}, 401, None),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "scheme", "sent", "status", "user"), SCHEMES, ids=[case[0] for case in SCHEMES])
def test_a_scheme_decides(serve, guard, problem, shown, scheme, sent, status, user) -> None:
    response = serve(secured([{"one": ["write"] if scheme is OAUTH else []}], one=scheme), who).get("/", **sent)
    assert response.status_code == status
    if status == 200:
        assert response.json()["user"] == user
    else:
        assert problem(response)["title"] == {401: "Unauthorized", 403: "Forbidden"}[status]


def test_the_token_info_reaches_the_handler(serve, guard) -> None:
    client = serve(secured([{"one": []}], one=BEARER), who)
    assert client.get("/", headers=bearer("ann")).json() == {
        "user": "ann",
        "token_info": {"sub": "ann", "scope": "read write"},
    }


def test_user_and_token_info_reach_handlers_with_keywords(serve, guard) -> None:
    response = serve(secured([{"one": []}], one=KEY), echo).get("/", headers={"X-Key": "k1"})
    assert response.json() == {"user": "k1", "token_info": {"sub": "k1"}}


def test_a_handler_need_not_take_the_user(serve, guard) -> None:
    assert serve(secured([{"one": []}], one=KEY), lambda: "fine").get("/", headers={"X-Key": "k1"}).status_code == 200


def test_the_context_argument_holds_the_user(serve, guard) -> None:
    client = serve(secured([{"one": []}], one=KEY), lambda context_: dict(context_))
    assert client.get("/", headers={"X-Key": "k1"}).json() == {"user": "k1", "token_info": {"sub": "k1"}}


def test_the_context_of_the_request_holds_the_user(serve, guard) -> None:
    def handler() -> list[Any]:
        return [connexion.request.context["user"], connexion.context.context["user"]]

    assert serve(secured([{"one": []}], one=KEY), handler).get("/", headers={"X-Key": "k1"}).json() == ["k1", "k1"]


COMBINED: list[tuple[str, list[Any], dict[str, str], int, Any]] = [
    # what it shows, the security of the operation, the headers, the status, the token info
    ("either: the first", [{"a": []}, {"b": []}], {"X-Key": "k1"}, 200, {"sub": "k1"}),
    ("either: the second", [{"a": []}, {"b": []}], {"X-Other": "k2"}, 200, {"sub": "k2"}),
    ("either: the first is wrong", [{"a": []}, {"b": []}], {"X-Key": "x", "X-Other": "k2"}, 200, {"sub": "k2"}),
    ("either: both", [{"a": []}, {"b": []}], {"X-Key": "k1", "X-Other": "k2"}, 200, {"sub": "k1"}),
    ("either: none", [{"a": []}, {"b": []}], {}, 401, None),
    ("either: both wrong", [{"a": []}, {"b": []}], {"X-Key": "x", "X-Other": "x"}, 401, None),
    ("both", [{"a": [], "b": []}], {"X-Key": "k1", "X-Other": "k2"}, 200, {"a": {"sub": "k1"}, "b": {"sub": "k2"}}),
    ("both: one is missing", [{"a": [], "b": []}], {"X-Key": "k1"}, 401, None),
    ("both: one is wrong", [{"a": [], "b": []}], {"X-Key": "k1", "X-Other": "x"}, 401, None),
    ("both, or a token: the token", [{"a": [], "b": []}, {"c": []}], bearer("ann"), 200,
     {"sub": "ann", "scope": "read write"}),
    ("a key, or nothing: the key", [{"a": []}, {}], {"X-Key": "k1"}, 200, {"sub": "k1"}),
    ("a key, or nothing: nothing", [{"a": []}, {}], {}, 200, {}),
    ("a key, or nothing: a wrong key", [{"a": []}, {}], {"X-Key": "x"}, 200, {}),
    ("nothing, or a key", [{}, {"a": []}], {"X-Key": "k1"}, 200, {}),
    ("open", [], {}, 200, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "security", "headers", "status", "info"), COMBINED, ids=[case[0] for case in COMBINED]
)
def test_requirements_combine(serve, guard, shown, security, headers, status, info) -> None:
    response = serve(secured(security, a=KEY, b=OTHER_KEY, c=BEARER), who).get("/", headers=headers)
    assert response.status_code == status
    if status == 200:
        assert response.json()["token_info"] == info


def test_the_security_of_the_document_holds_where_the_operation_says_nothing(serve, guard) -> None:
    paths = {"/a": {"get": operation(operationId="a")}, "/b": {"get": operation(operationId="b", security=[])}}
    document = openapi(paths, security=[{"one": []}], components={"securitySchemes": {"one": KEY}})
    client = serve(document, {"a": who, "b": who})
    assert client.get("/a").status_code == 401
    assert client.get("/a", headers={"X-Key": "k1"}).json()["user"] == "k1"
    assert client.get("/b").json()["user"] == "nobody"


def test_security_comes_before_validation(serve, guard) -> None:
    document = secured([{"one": []}], one=KEY)
    parameter = {"in": "query", "name": "n", "required": True, "schema": {"type": "integer"}}
    document["paths"]["/"]["get"]["parameters"] = [parameter]
    client = serve(document, lambda n: n)
    assert client.get("/").status_code == 401
    assert client.get("/", headers={"X-Key": "k1"}).status_code == 400


@pytest.mark.parametrize(
    ("variable", "scheme", "sent"),
    [
        ("BEARERINFO_FUNC", {"type": "http", "scheme": "bearer"}, bearer("ann")),
        ("APIKEYINFO_FUNC", {"type": "apiKey", "in": "header", "name": "X-Key"}, {"X-Key": "k1"}),
        ("BASICINFO_FUNC", {"type": "http", "scheme": "basic"}, basic("ann:right")),
        ("TOKENINFO_FUNC", {"type": "oauth2", "flows": FLOWS}, bearer("ann")),
    ],
)
def test_a_function_may_be_named_by_the_environment(serve, guard, monkeypatch, variable, scheme, sent) -> None:
    names = {
        "BEARERINFO_FUNC": "bearer",
        "APIKEYINFO_FUNC": "key",
        "BASICINFO_FUNC": "basic",
        "TOKENINFO_FUNC": "token",
    }
    monkeypatch.setenv(variable, f"guard.{names[variable]}")
    client = serve(secured([{"one": []}], one=scheme), who)
    assert client.get("/").status_code == 401
    assert client.get("/", headers=sent).status_code == 200


@pytest.mark.parametrize(
    ("scheme", "name"),
    [(BEARER, "bearer"), (OAUTH, "token"), (KEY, "key"), (BASIC, "basic")],
    ids=lambda value: str(value),
)
def test_a_security_function_may_be_asynchronous(serve, guard, scheme, name) -> None:
    async def function(*credentials: str) -> Any:
        return {"sub": credentials[0], "scope": ""} if credentials[0] != "eve" else None

    guard(**{name: function})
    client = serve(secured([{"one": []}], one=scheme), who)
    good = {"bearer": bearer("ann"), "token": bearer("ann"), "key": {"X-Key": "ann"}, "basic": basic("ann:x")}[name]
    bad = {"bearer": bearer("eve"), "token": bearer("eve"), "key": {"X-Key": "eve"}, "basic": basic("eve:x")}[name]
    assert client.get("/", headers=good).json()["user"] == "ann"
    assert client.get("/", headers=bad).status_code == 401


def test_a_security_function_may_take_the_request(serve, guard) -> None:
    guard(
        bearer=lambda token, request: {"sub": f"{token} {request.method} {request.url.path} {request.headers['x-a']}"}
    )
    client = serve(secured([{"one": []}], one=BEARER), who)
    assert client.get("/", headers={**bearer("t"), "X-A": "1"}).json()["user"] == "t GET / 1"


def test_a_security_function_may_take_the_required_scopes(serve, guard) -> None:
    guard(
        token=lambda token, required_scopes: {"sub": token, "scope": required_scopes},
        key=lambda key, required_scopes=None: {"sub": key, "asked": required_scopes},
    )
    client = serve(secured([{"one": ["read", "write"]}], one=OAUTH), who)
    assert client.get("/", headers=bearer("t")).json()["token_info"]["scope"] == ["read", "write"]
    client = serve(secured([{"one": []}], one=KEY), who)
    assert client.get("/", headers={"X-Key": "k"}).json()["token_info"] == {"sub": "k", "asked": []}


def test_a_security_function_may_take_keywords(serve, guard) -> None:
    guard(token=lambda token, **more: {"sub": token, "scope": "read", "more": sorted(more)})
    client = serve(secured([{"one": ["read"]}], one=OAUTH), who)
    assert client.get("/", headers=bearer("t")).json()["token_info"]["more"] == ["request", "required_scopes"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OAuthProblem("expired"), 401),
        (HTTPException(403, "banned"), 403),
        (HTTPException(429, "slowly"), 429),
        (connexion.ProblemException(status=402, title="Pay", detail="first"), 402),
        (ValueError("secret"), 500),
    ],
    ids=["OAuthProblem", "403", "429", "a problem", "any"],
)
def test_what_a_security_function_raises(serve, guard, problem, error, status) -> None:
    def function(_token: str) -> Any:
        raise error

    guard(bearer=function)
    response = serve(secured([{"one": []}], one=BEARER), who).get("/", headers=bearer("ann"))
    assert problem(response)["status"] == status
    assert "secret" not in response.text


def test_the_most_telling_error_of_several_schemes_wins(serve, guard) -> None:
    def banned(_key: str) -> Any:
        raise HTTPException(403, "banned")

    def broken(_token: str) -> Any:
        raise HTTPException(429, "slowly")

    guard(key=banned, bearer=broken)
    client = serve(secured([{"b": []}, {"a": []}], a=KEY, b=BEARER), who)
    assert client.get("/", headers={**bearer("x"), "X-Key": "x"}).status_code == 403


def test_a_scope_function_of_the_document(serve, guard) -> None:
    guard(any_of=lambda required, given: bool(set(required) & set(given.split() if isinstance(given, str) else given)))
    client = serve(secured([{"one": ["write", "read"]}], one={**OAUTH, "x-scopeValidateFunc": "guard.any_of"}), who)
    assert client.get("/", headers=bearer("bob")).status_code == 200


def test_an_asynchronous_scope_function(serve, guard) -> None:
    async def never(_required: list[str], _given: Any) -> bool:
        return False

    guard(never=never)
    client = serve(secured([{"one": []}], one={**OAUTH, "x-scopeValidateFunc": "guard.never"}), who)
    assert client.get("/", headers=bearer("ann")).status_code == 403


@pytest.fixture
def token_service() -> Iterator[str]:
    """An authorisation server that knows one token."""

    class Tokens(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["Authorization"] == "Bearer ann"
            text = json.dumps({"uid": "ann", "scope": ["read"]} if known else {}).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Tokens)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/tokeninfo"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("token", "scope", "status"), [("ann", "read", 200), ("ann", "write", 403), ("eve", "read", 401)]
)
def test_a_token_service_is_asked(serve, token_service, token, scope, status) -> None:
    scheme = {"type": "oauth2", "flows": FLOWS, "x-tokenInfoUrl": token_service}
    client = serve(secured([{"one": [scope]}], one=scheme), who)
    assert client.get("/", headers=bearer(token)).status_code == status


class OpenIdHandler(BearerSecurityHandler):
    """A user's own handler."""

    def get_fn(self, security_scheme: dict[str, Any], required_scopes: list[str]) -> Any:
        url = security_scheme["openIdConnectUrl"]
        return self._get_verify_func(lambda token: {"sub": token, "issuer": url} if token != "eve" else None)


def test_openid_connect_by_a_security_map(serve) -> None:
    client = serve(secured([{"one": []}], one=OPENID), who, security_map={"openIdConnect": OpenIdHandler})
    assert client.get("/", headers=bearer("ann")).json()["token_info"]["issuer"] == OPENID["openIdConnectUrl"]
    assert client.get("/", headers=bearer("eve")).status_code == 401
    assert client.get("/").status_code == 401


class DigestHandler(AbstractSecurityHandler):
    """A handler of a scheme that Connexion does not know."""

    def get_fn(self, security_scheme: dict[str, Any], required_scopes: list[str]) -> Any:
        def verify(request: Any) -> Any:
            found = request.headers.get("Authorization", "")
            if not found.startswith("Digest "):
                raise OAuthProblem(detail="Digest, please")
            return {"sub": found[7:]}

        return verify


def test_a_security_map_may_add_a_scheme(serve, problem) -> None:
    scheme = {"type": "http", "scheme": "digest"}
    client = serve(secured([{"one": []}], one=scheme), who, security_map={"digest": DigestHandler})
    assert client.get("/", headers={"Authorization": "Digest ann"}).json()["user"] == "ann"
    assert problem(client.get("/"))["detail"] == "Digest, please"


def test_a_security_map_may_replace_a_handler(serve, guard) -> None:
    class Shouting(ApiKeySecurityHandler):
        def check_api_key(self, api_key_info_func: Any) -> Any:
            return self._generic_check(lambda key: {"sub": key.upper()}, "no")

    client = serve(secured([{"one": []}], one=KEY), who, app={"security_map": {"apiKey": Shouting}})
    assert client.get("/", headers={"X-Key": "k1"}).json()["user"] == "K1"


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "http", "scheme": "bearer"},
        {"type": "http", "scheme": "digest"},
        {"type": "apiKey", "in": "header", "name": "X-Key"},
        {"type": "http", "scheme": "basic"},
        {"type": "oauth2", "flows": FLOWS},
        OPENID,
    ],
    ids=lambda scheme: scheme["type"] + scheme.get("scheme", ""),
)
def test_a_scheme_without_function_lets_nobody_in(serve, scheme) -> None:
    client = serve(secured([{"one": []}], one=scheme), who)
    for headers in ({}, bearer("ann"), basic("ann:right"), {"X-Key": "k1"}):
        assert client.get("/", headers=headers).status_code == 401


def test_a_scheme_without_function_beside_one_that_has_it(serve, guard) -> None:
    client = serve(secured([{"a": []}, {"b": []}], a={"type": "http", "scheme": "digest"}, b=KEY), who)
    assert client.get("/", headers={"X-Key": "k1"}).status_code == 200
    assert client.get("/").status_code == 401


def swagger_secured(scheme: dict[str, Any], scopes: list[str]) -> dict[str, Any]:
    answer = {"operationId": "handler", "security": [{"one": scopes}], "responses": {"200": {"description": ""}}}
    return swagger({"/": {"get": answer}}, securityDefinitions={"one": scheme})


SWAGGER = [
    ({"type": "basic", "x-basicInfoFunc": "guard.basic"}, [], basic("ann:right"), basic("ann:wrong")),
    ({"type": "apiKey", "in": "header", "name": "X-Key", "x-apikeyInfoFunc": "guard.key"}, [], {"X-Key": "k1"}, {}),
    (
        {
            "type": "oauth2",
            "flow": "application",
            "tokenUrl": "https://issuer.example/token",
            "scopes": {"read": ""},
            "x-tokenInfoFunc": "guard.token",
        },
        ["read"],
        bearer("ann"),
        bearer("eve"),
    ),
]


@pytest.mark.parametrize(("scheme", "scopes", "good", "bad"), SWAGGER, ids=["basic", "apiKey", "oauth2"])
def test_swagger_2_schemes(serve, guard, scheme, scopes, good, bad) -> None:
    client = serve(swagger_secured(scheme, scopes), who)
    assert client.get("/", headers=good).status_code == 200
    assert client.get("/", headers=bad).status_code == 401


def test_auth_all_paths_guards_addresses_that_are_not_in_the_document(serve, guard) -> None:
    document = openapi(
        {"/a": {"get": operation()}}, security=[{"one": []}], components={"securitySchemes": {"one": KEY}}
    )
    client = serve(document, who, auth_all_paths=True)
    assert client.get("/a").status_code == 401
    assert client.get("/nowhere").status_code == 401
    assert client.get("/nowhere", headers={"X-Key": "k1"}).status_code == 404


def test_addresses_that_are_not_in_the_document_are_not_guarded_otherwise(serve, guard) -> None:
    document = openapi(
        {"/a": {"get": operation()}}, security=[{"one": []}], components={"securitySchemes": {"one": KEY}}
    )
    assert serve(document, who).get("/nowhere").status_code == 404


def test_a_security_function_is_called_for_every_request(serve, guard) -> None:
    calls: list[str] = []

    def counting(token: str) -> Any:
        calls.append(token)
        return {"sub": token}

    guard(bearer=counting)
    client = serve(secured([{"one": []}], one=BEARER), who)
    for _ in range(3):
        client.get("/", headers=bearer("t"))
    assert calls == ["t"] * 3
