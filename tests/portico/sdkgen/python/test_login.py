"""Signing in, before a provider that lies. That it works before the real one show the scenarios of SDKs."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Clock, Handler, Server, options
from tests.portico.sdkgen.python.shop import Shop

from portico.sdkgen.python.runtime import errors, loopback
from portico.sdkgen.python.runtime.identity import Tokens
from portico.sdkgen.python.runtime.loopback import Loopback
from portico.sdkgen.python.runtime.options import Options

Change = Callable[[dict[str, Any]], None]


class Provider:
    """Answers as a provider does, but for what a test changes."""

    def __init__(self, server: Server) -> None:
        self.issuer = f"{server.url}/auth/main"
        self.nonce = ""
        self.metadata: Change = lambda _: None
        self.callback: Change = lambda _: None
        self.claims: Change = lambda _: None
        self.tokens: Change = lambda _: None
        self.forms: list[dict[str, str]] = []
        self.calls = 0
        server.says(self.answer)
        self._server = server

    def answer(self, handler: Handler) -> None:
        path = urlsplit(handler.path).path
        seen = self._server.seen[-1]
        if path.endswith("/openid-configuration"):
            found = {
                "issuer": self.issuer,
                "authorization_response_iss_parameter_supported": True,
                **{f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token", "revocation")},
            }
            self.metadata(found)
        elif path.endswith("/token"):
            self.forms.append({name: values[0] for name, values in parse_qs(seen.body.decode()).items()})
            found = {"access_token": f"token-{len(self.forms)}", "token_type": "Bearer", "expires_in": 60}
            found |= {"refresh_token": f"refresh-{len(self.forms)}", "id_token": self.id_token()}
            self.tokens(found)
        else:
            found = {"path": path}
        handler.answer(found.pop("status", 200), {"content-type": "application/json"}, json.dumps(found).encode())

    def id_token(self) -> str:
        claims = {"iss": self.issuer, "aud": "program", "nonce": self.nonce, "exp": 4_000_000_000}
        self.claims(claims)
        return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"

    def browser(self, url: str) -> bool:
        """Comes back with a code, from a thread as a browser does."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.nonce = asked["nonce"]
        answer = {"code": "c", "state": asked["state"], "iss": self.issuer}
        self.callback(answer)
        target = f"{asked['redirect_uri']}?{urlencode(answer)}"
        threading.Thread(target=lambda: fetch(target), daemon=True).start()
        return True


def fetch(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as error:
        return error.code


@pytest.fixture
def provider(server: Server) -> Provider:
    return Provider(server)


def client(server: Server, provider: Provider, clock: Clock, **more: Any) -> Shop:
    return Shop(server.url, browser=provider.browser, **options(clock, retries=0, **more))


def test_whoever_signed_in_is_known_until_signed_out(server: Server, provider: Provider, ticking: Clock) -> None:
    told: list[str] = []
    found = client(server, provider, ticking)
    assert not found.signed_in
    found.login(show=told.append, parameters={"login_hint": "ada"})
    assert found.signed_in
    found.call(shop.mine, options=Options(auth="signIn"))
    assert server.seen[-1].headers["authorization"] == "Bearer token-1"
    assert "login_hint=ada" in told[0]
    ticking.now += 31
    found.call(shop.mine, options=Options(auth="signIn"))
    assert provider.forms[1]["refresh_token"] == "refresh-1"
    assert server.seen[-1].headers["authorization"] == "Bearer token-2"
    found.logout()
    assert b"token=refresh-2" in server.seen[-1].body
    with pytest.raises(errors.NotSignedIn, match="login"):
        found.call(shop.mine, options=Options(auth="signIn"))


@pytest.mark.parametrize(
    ("where", "change", "told"),
    [
        ("metadata", {"issuer": "https://evil.example"}, "another issuer"),
        ("metadata", {"token_endpoint": "http://evil.example/token"}, "https"),
        ("metadata", {"authorization_endpoint": "javascript:alert(1)"}, "https"),
        ("callback", {"iss": "https://evil.example"}, "another provider"),
        ("callback", {"iss": None}, "another provider"),
        ("callback", {"error": "access_denied", "error_description": "no"}, "access_denied: no"),
        ("callback", {"code": ""}, "no code"),
        ("claims", {"nonce": "another"}, "ID token"),
        ("claims", {"nonce": None}, "ID token"),
        ("claims", {"aud": ["another"]}, "ID token"),
        ("claims", {"azp": "another"}, "ID token"),
        ("claims", {"iss": "https://evil.example"}, "ID token"),
        ("claims", {"exp": 1}, "ID token"),
        ("tokens", {"id_token": None}, "no ID token"),
        ("tokens", {"access_token": None}, "no access token"),
        ("tokens", {"token_type": "DPoP"}, "of a kind"),
        ("tokens", {"status": 400, "error": "invalid_grant"}, "invalid_grant"),
    ],
)
def test_a_provider_that_lies_is_not_believed(
    server: Server, provider: Provider, ticking: Clock, where: str, change: dict[str, Any], told: str
) -> None:
    def lie(found: dict[str, Any]) -> None:
        found.update(change)
        for name in [name for name, value in found.items() if value is None]:
            del found[name]

    setattr(provider, where, lie)
    found = client(server, provider, ticking)
    with pytest.raises(errors.SignInFailed, match=told):
        found.login(show=lambda _: None, timeout=5)
    with pytest.raises(errors.NotSignedIn):
        found.call(shop.mine)


def test_nobody_coming_back_ends_the_sign_in(server: Server, provider: Provider, ticking: Clock) -> None:
    found = Shop(server.url, browser=lambda _: True, **options(ticking))
    with pytest.raises(errors.SignInFailed, match="within"):
        found.login(show=lambda _: None, timeout=0.1)


def test_what_else_comes_to_the_loopback_is_turned_away() -> None:
    with Loopback("right") as waiting:
        port = waiting.server_address[1]
        thread = threading.Thread(target=waiting.wait, args=(10,))
        thread.start()
        base = f"http://127.0.0.1:{port}"
        assert fetch(f"{base}/favicon.ico") == 404
        assert fetch(f"{base}/callback?code=stolen&state=wrong") == 404
        assert fetch(f"{base}/callback?code=a&code=b&state=right") == 404
        assert fetch(f"{base}/callback?code=a&state=right", Host="evil.example") == 404
        assert waiting.answer is None
        assert fetch(f"{base}/callback?code=a&state=right") == 200
        thread.join()
        assert waiting.answer == {"code": "a", "state": "right"}


def test_slow_and_silent_connections_to_the_loopback_hold_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "_LONGEST", 0.2)
    with Loopback("right") as waiting, contextlib.ExitStack() as stack:
        address = waiting.server_address[:2]
        idle = [stack.enter_context(socket.create_connection(address)) for _ in range(5)]
        idle[0].sendall(b"GET / HTTP/1.1\r\nX: ")
        found: list[object] = []
        thread = threading.Thread(target=lambda: found.append(waiting.wait(30)))
        thread.start()
        assert fetch(f"http://{waiting.authority}/callback?code=a&state=right") == 200
        thread.join(20)
        assert found == [{"code": "a", "state": "right"}]


def test_a_connection_that_never_comes_to_an_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "_LONGEST", 0.2)
    with Loopback("right") as waiting:
        thread = threading.Thread(target=waiting.wait, args=(30,))
        thread.start()
        with socket.create_connection(waiting.server_address[:2], timeout=20) as dripping:
            dripping.sendall(b"GET / HTTP/1.1\r\nX: ")
            with contextlib.suppress(ConnectionError):
                assert dripping.recv(1) == b""
        waiting.give_up()
        thread.join(20)
        assert not thread.is_alive()


def test_waiting_ends_in_time_whatever_comes() -> None:
    with Loopback("right") as waiting, socket.create_connection(waiting.server_address[:2]):
        assert waiting.wait(0.2) is None


def test_a_sign_in_that_has_ended_says_so(server: Server, provider: Provider, ticking: Clock) -> None:
    provider.tokens = lambda found: found.update(status=400, error="invalid_grant")
    found = client(server, provider, ticking, tokens=Tokens("old", "refresh", ticking.now))
    with pytest.raises(errors.NotSignedIn, match="ended"):
        found.call(shop.mine, options=Options(auth="signIn"))
    with pytest.raises(errors.NotSignedIn, match="login"):
        found.call(shop.mine, options=Options(auth="signIn"))


def test_threads_renew_once(server: Server, provider: Provider, ticking: Clock) -> None:
    from concurrent.futures import ThreadPoolExecutor

    found = client(server, provider, ticking, tokens=Tokens("old", "refresh", ticking.now))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: found.call(shop.mine, options=Options(auth="signIn")), range(20)))
    assert len(provider.forms) == 1


def test_a_token_is_never_sent_in_the_clear(ticking: Clock) -> None:
    found = Shop("http://shop.example", tokens=Tokens("old", "refresh", ticking.now), **options(ticking))
    with pytest.raises(errors.SignInFailed, match="https"):
        found.call(shop.mine, options=Options(auth="signIn"))
