"""Results of security functions are kept where the document says so, and only then."""

from __future__ import annotations

import sys
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from connexion.security import NO_VALUE
from starlette.testclient import TestClient
from tests.portico.gateway.designs import document, operation

from portico.design import SecurityScheme
from portico.gateway.results import ResultCache, ttl_of

Serve = Callable[..., TestClient]


class Exchange:
    """What the cache sees of an exchange."""

    def __init__(self, credential: str | None) -> None:
        self.credential = None if credential is None else credential.encode()


def cached(answers: Callable[[str], Any], *, ttl: float = 300, entries: int = 10) -> tuple[Any, list[str], list[float]]:
    asked: list[str] = []
    now = [1_000.0]

    def verify(x: Any) -> Any:
        asked.append(x.credential.decode())
        return answers(x.credential.decode())

    cache = ResultCache(ttl, entries=entries, clock=lambda: now[0])
    verify_once = cache.around(verify, lambda x: x.credential)  # type: ignore[attr-defined]
    return lambda credential: verify_once(Exchange(credential)), asked, now  # type: ignore[arg-type]


def test_a_result_is_kept_for_its_time_and_no_longer() -> None:
    ask, asked, now = cached(lambda _: {"sub": "ann"}, ttl=60)
    assert ask("a") == ask("a") == {"sub": "ann"}
    assert asked == ["a"]
    now[0] += 60
    ask("a")
    assert asked == ["a", "a"]


def test_a_result_never_outlives_the_token() -> None:
    ask, asked, now = cached(lambda _: {"sub": "ann", "exp": 1_010})
    ask("a")
    now[0] = 1_009.9
    ask("a")
    assert asked == ["a"]
    now[0] = 1_010
    ask("a")
    assert asked == ["a", "a"]


def test_a_refusal_is_never_kept() -> None:
    def refuse(_: str) -> Any:
        raise PermissionError

    ask, asked, _ = cached(refuse)
    for _attempt in range(3):
        with pytest.raises(PermissionError):
            ask("a")
    assert len(asked) == 3


def test_no_credential_is_never_looked_up() -> None:
    ask, asked, _ = cached(lambda _: {"sub": "ann"})
    assert ask(None) is NO_VALUE
    assert not asked


def test_one_credential_never_gets_what_belongs_to_another() -> None:
    ask, _, _ = cached(lambda credential: {"sub": credential})
    assert [ask(name)["sub"] for name in ("a", "b", "a", "A", "a ")] == ["a", "b", "a", "A", "a "]


def test_what_a_handler_does_to_its_claims_does_not_reach_the_next_request() -> None:
    ask, _, _ = cached(lambda _: {"sub": "ann"})
    ask("a")["sub"] = "root"
    ask("a")["sub"] = "root"
    assert ask("a") == {"sub": "ann"}


def test_nor_does_what_it_does_to_lists_within_them() -> None:
    ask, _, _ = cached(lambda _: {"sub": "ann", "roles": ["user"], "more": {"a": {}}})
    for _attempt in range(2):
        claims = ask("a")
        claims["roles"].append("root")
        claims["more"]["a"]["b"] = 1
    assert ask("a") == {"sub": "ann", "roles": ["user"], "more": {"a": {}}}


def test_a_flood_of_tokens_takes_no_more_room() -> None:
    ask, asked, _ = cached(lambda _: {"sub": "ann"}, entries=3)
    for number in range(100):
        ask(str(number))
    ask("99")
    ask("0")
    assert asked.count("99") == 1
    assert asked.count("0") == 2


@pytest.mark.parametrize(
    ("extension", "seconds"),
    [
        (None, 0),
        ({}, 300),
        ({"authorizerResultTtlInSeconds": 0}, 0),
        ({"authorizerResultTtlInSeconds": 20}, 20),
        ({"authorizerResultTtlInSeconds": 99_999}, 3_600),
        ({"authorizerResultTtlInSeconds": -1}, 0),
        ({"authorizerResultTtlInSeconds": "soon"}, 0),
    ],
)
def test_the_time_to_live_means_what_it_means_to_aws(extension: Any, seconds: int) -> None:
    extensions = {} if extension is None else {"x-amazon-apigateway-authorizer": extension}
    assert ttl_of(SecurityScheme(name="s", type="http", scheme="bearer", extensions=extensions)) == seconds


@pytest.fixture
def calls() -> Iterator[list[str]]:
    asked: list[str] = []
    module = types.ModuleType("authorisers_for_results")

    def plain(token: str) -> dict[str, Any] | None:
        asked.append(token)
        return {"sub": token, "exp": time.time() + 60} if token.startswith("good") else None

    def whole(token: str, request: Any) -> dict[str, Any] | None:
        asked.append(request.url.path)
        return plain(token)

    async def scoped(token: str, required_scopes: list[str]) -> dict[str, Any] | None:
        asked.append(" ".join(required_scopes))
        return {"sub": token, "scope": "read"}

    module.plain, module.whole, module.scoped = plain, whole, scoped  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield asked
    del sys.modules[module.__name__]


def secured(scheme: dict[str, Any], *, scopes: tuple[str, ...] = ()) -> dict[str, Any]:
    scheme = {"x-amazon-apigateway-authorizer": {"authorizerResultTtlInSeconds": 300}, **scheme}
    paths = {
        f"/{name}": {"get": operation(name, security=[{"s": [scope] if scope else []}])}
        for name, scope in zip(("a", "b"), scopes or ("", ""), strict=True)
    }
    return document(paths, components={"securitySchemes": {"s": scheme}})


async def who(user: str) -> dict[str, str]:
    return {"user": user}


def bearer(function: str) -> dict[str, Any]:
    return {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": f"authorisers_for_results.{function}"}


def test_operations_share_what_one_of_them_learnt(serve: Serve, calls: list[str]) -> None:
    client = serve(secured(bearer("plain")), {"a": who, "b": who})
    for path in ("/a", "/b", "/a"):
        assert client.get(path, headers={"Authorization": "Bearer good1"}).json() == {"user": "good1"}
    assert calls == ["good1"]
    assert client.get("/a", headers={"Authorization": "Bearer bad"}).status_code == 401
    assert client.get("/a").status_code == 401


def test_without_the_extension_every_request_is_asked_about(serve: Serve, calls: list[str]) -> None:
    doc = secured(bearer("plain"))
    del doc["components"]["securitySchemes"]["s"]["x-amazon-apigateway-authorizer"]
    client = serve(doc, {"a": who, "b": who})
    for _ in range(3):
        client.get("/a", headers={"Authorization": "Bearer good1"})
    assert calls == ["good1"] * 3


def test_a_function_that_sees_the_request_is_always_asked(serve: Serve, calls: list[str]) -> None:
    client = serve(secured(bearer("whole")), {"a": who, "b": who})
    for path in ("/a", "/b", "/a"):
        client.get(path, headers={"Authorization": "Bearer good1"})
    assert calls == ["/a", "good1", "/b", "good1", "/a", "good1"]


def test_a_result_for_some_scopes_is_none_for_others(serve: Serve, calls: list[str]) -> None:
    flows = {"clientCredentials": {"tokenUrl": "https://x.example/token", "scopes": {"read": "", "write": ""}}}
    scheme = {"type": "oauth2", "flows": flows, "x-tokenInfoFunc": "authorisers_for_results.scoped"}
    client = serve(secured(scheme, scopes=("read", "write")), {"a": who, "b": who})
    headers = {"Authorization": "Bearer t"}
    assert [client.get(path, headers=headers).status_code for path in ("/a", "/a", "/b", "/b")] == [200, 200, 403, 403]
    assert calls == ["read", "write", "write"]


def test_a_401_says_how_to_sign_in(serve: Serve, calls: list[str]) -> None:
    assert serve(secured(bearer("plain")), {"a": who, "b": who}).get("/a").headers["www-authenticate"] == "Bearer"


def test_a_scheme_that_nobody_decides_is_told_of_once(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    client = serve(secured({"type": "http", "scheme": "bearer"}), {"a": who, "b": who})
    assert [client.get(path, headers={"Authorization": "Bearer t"}).status_code for path in ("/a", "/b")] == [401, 401]
    assert sum("so it denies" in record.getMessage() for record in caplog.records) == 1
