"""A served project with a user pool: people come in through the pages, and what is taken back is gone on each worker.

The commands of an operator run in this process, on the same database as the server's workers.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from email import message_from_bytes
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.portico.server.conftest import PATIENCE, Serve, Serving, Shop, until

from portico.identity.local import open_pool
from portico.identity.service import Identity
from portico.identity.source import LOCAL
from portico.identity.users.accounts import NewUser

SOON = 2.0  # seconds in which what was taken back is gone on every worker

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
components:
  securitySchemes:
    signIn: {type: openIdConnect, openIdConnectUrl: /auth/main/.well-known/openid-configuration}
    signed: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
paths:
  /me:
    get:
      operationId: me
      summary: Who am I?
      security: [{signIn: [shop/read]}, {signed: []}]
      responses:
        "200": {description: it, content: {application/json: {schema: {type: object}}}}
"""

HANDLERS = """
import os


def me(ctx):
    caller = ctx.caller
    return {"username": caller.username, "groups": sorted(caller.groups), "role": caller.role, "pid": os.getpid()}
"""

POOL = """
name: main
title: The shop
groups: {florists: {}}
resource_servers: {shop: {scopes: {read: Read}}}
clients:
  page: {redirect_uris: [/], scopes: [openid, email, shop/read]}
"""

ROLES = """
roles:
  florist:
    assigned_to: {groups: [florists]}
    statements:
      - {id: me, effect: EFFECT, api: shop, operations: [me]}
"""

PASSWORD = "a lantern on the quay"


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.spec.write_text(SPEC)
    shop.handlers.write_text(HANDLERS)
    (shop.root / "auth").mkdir()
    (shop.root / "auth/pool.yaml").write_text(POOL)
    (shop.root / "auth/roles.yaml").write_text(ROLES.replace("EFFECT", "allow"))
    shop.configure(mode="development", origin=f"http://localhost:{free_port()}")
    return shop


@pytest.fixture
def operator(shop: Shop, serving: Serving) -> Iterator[Identity]:
    """What commands work with, beside a server that runs."""
    with open_pool(shop.root) as identity:
        yield identity


@pytest.fixture
def serving(shop: Shop, serve: Serve) -> Serving:
    return serve("--workers", "2", port=port_of(shop)).ready()


def token_for(operator: Identity, *groups: str) -> tuple[str, str]:
    """A new user, and an access token of theirs."""

    async def work() -> tuple[str, str]:
        await operator.keys.start()
        user = await operator.users.create(NewUser("ann", email="ann@shop.example", groups=groups), password=PASSWORD)
        return user.id, await operator.tokens.mint_access_token(user, "page", ["openid", "shop/read"])

    return asyncio.run(work())


def answers(serving: Serving, token: str) -> dict[int, httpx.Response]:
    """What each worker answers, by status and process."""
    found: dict[int, httpx.Response] = {}
    workers = set(serving.workers())

    def all_asked() -> bool:
        answer = httpx.get(f"{serving.url}/shop/v1/me", headers={"Authorization": f"Bearer {token}"})
        found[answer.json().get("pid", answer.status_code)] = answer
        return workers <= found.keys() or len(found) > 4

    until(all_asked)
    return found


def gone_soon(call: Callable[[], httpx.Response], status: int) -> None:
    """Within the promised time every worker answers so: thirty calls on connections of their own in a row do."""
    time.sleep(SOON)
    assert {call().status_code for _ in range(30)} == {status}


def me(serving: Serving, token: str) -> Callable[[], httpx.Response]:
    return lambda: httpx.get(f"{serving.url}/shop/v1/me", headers={"Authorization": f"Bearer {token}"})


def test_signing_out_everywhere_reaches_each_worker(serving: Serving, operator: Identity) -> None:
    user_id, token = token_for(operator)
    assert all(answer.status_code == 200 for answer in answers(serving, token).values())
    time.sleep(1.1)  # what is dated to the same second as the sign-out may be newer than it
    asyncio.run(operator.users.sign_out_everywhere(user_id, source=LOCAL))
    gone_soon(me(serving, token), 401)


def test_a_disabled_user_is_out_and_a_new_group_is_in(serving: Serving, operator: Identity) -> None:
    user_id, token = token_for(operator)
    assert me(serving, token)().json()["groups"] == []
    asyncio.run(operator.users.add_group(user_id, "florists"))
    time.sleep(SOON)
    assert [me(serving, token)().json()["groups"] for _ in range(20)] == [["florists"]] * 20
    asyncio.run(operator.users.disable(user_id))
    gone_soon(me(serving, token), 401)


def test_a_changed_policy_reaches_each_worker(shop: Shop, serving: Serving, operator: Identity) -> None:
    credentials = operator.credentials.mint("florist")
    given = Credentials(credentials.access_key_id, credentials.secret_key.reveal(), credentials.session_token)

    def call() -> httpx.Response:
        request = AWSRequest("GET", f"{serving.url}/shop/v1/me")
        SigV4Auth(given, "execute-api", "us-east-1").add_auth(request)
        return httpx.get(f"{serving.url}/shop/v1/me", headers=dict(request.headers.items()))

    assert {call().json()["role"] for _ in range(10)} == {"florist"}
    (shop.root / "auth/roles.yaml").write_text(ROLES.replace("EFFECT", "deny"))
    gone_soon(call, 403)
    (shop.root / "auth/roles.yaml").write_text("roles: [nonsense")
    gone_soon(call, 403)  # a file with faults changes nothing
    assert any("roles stay as they were" in line for line in serving.errors)


def test_development_listens_on_this_machine_only(serve: Serve) -> None:
    serving = serve("--host", "0.0.0.0")  # noqa: S104
    assert serving.ended() == 2
    assert any("production" in line for line in serving.errors)


def test_production_says_what_it_wants_one_after_the_other(shop: Shop, serve: Serve) -> None:
    shop.configure()
    environ = {"PORTICO_SERVER_MODE": "production"}
    wanted = [
        ("origin", {"PORTICO_SERVER_ORIGIN": "https://shop.example"}),
        ("secret", {"PORTICO_SECRET": secrets.token_urlsafe(32)}),
        ("mail", {"PORTICO_MAIL_SERVER": "smtp://127.0.0.1:25", "PORTICO_MAIL_SENDER": "shop@shop.example"}),
        ("portico db upgrade", {}),
    ]
    for word, mend in wanted:
        serving = serve(**environ)
        assert serving.ended() == 2
        assert any(word in line for line in serving.errors), serving.errors
        environ |= mend


def test_another_secret_than_that_of_the_database_is_told_before_anything_is_served(shop: Shop, serve: Serve) -> None:
    assert serve(port=port_of(shop)).ready().stop() == 0
    (shop.root / ".portico" / "secret").unlink()
    serving = serve(port=port_of(shop))
    assert serving.ended() == 2
    assert "Put that secret back" in "".join(serving.errors)
    assert "Traceback" not in "".join(serving.errors)


class Inbox:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content)
        parts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
        self.mails.append(parts[0].get_payload(decode=True).decode())  # type: ignore[union-attr]
        return "250 OK"

    def __enter__(self) -> Inbox:
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{self._controller.server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def code(self) -> str:
        text = until(lambda: self.mails and self.mails[-1])
        return re.search(r"\b(\d{6,8})\b", text)[1]  # type: ignore[index]


class Person:
    """A browser without JavaScript."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.http = httpx.Client(base_url=origin, timeout=PATIENCE)

    def open(self, path: str) -> httpx.Response:
        answer = self.http.get(path)
        while answer.has_redirect_location and urlsplit(answer.headers["location"]).path.startswith("/auth/"):
            answer = self.http.get(answer.headers["location"])
        self.page = answer
        return answer

    def submit(self, **fields: str) -> httpx.Response:
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', self.page.text))
        answer = self.http.post(self.page.url, data={**hidden, **fields}, headers={"Origin": self.origin})
        if answer.has_redirect_location:
            location = answer.headers["location"]
            inside = urlsplit(location).path.startswith("/auth/")
            return self.open(location) if inside else answer
        self.page = answer
        return answer


def test_somebody_signs_up_signs_in_and_calls_and_no_secret_is_in_the_log(shop: Shop, serve: Serve) -> None:
    """Everything that must not be read by whoever reads logs, at the level that says most."""
    secret, port = secrets.token_urlsafe(32), free_port()
    origin = f"http://localhost:{port}"
    with Inbox() as inbox:
        environ = {
            "PORTICO_SERVER_MODE": "production",
            "PORTICO_SERVER_ORIGIN": origin,
            "PORTICO_SERVER_LOG_LEVEL": "debug",
            "PORTICO_SECRET": secret,
            "PORTICO_MAIL_SERVER": inbox.url,
            "PORTICO_MAIL_SENDER": "Shop <shop@shop.example>",
        }
        upgrade(shop, environ)
        serving = serve(port=port, **environ).ready()
        person = Person(origin)
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": "page",
            "redirect_uri": f"{origin}/",
            "scope": "openid email shop/read",
            "state": "s-t-a-t-e",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        person.open(f"/auth/main/oauth2/authorize?{httpx.QueryParams(query)}")
        person.open(re.search(r'href="(/auth/main/signup[^"]*)"', person.page.text)[1].replace("&amp;", "&"))  # type: ignore[index]
        person.submit(username="bea", email="bea@shop.example", password=PASSWORD)
        confirmation = inbox.code()
        came_back = person.submit(code=confirmation)
        if "location" not in came_back.headers:  # the sign-in page, when confirming does not sign in by itself
            came_back = person.submit(login="bea", password=PASSWORD)
        arrived = parse_qs(urlsplit(came_back.headers["location"]).query)
        assert (arrived["state"], arrived["iss"]) == (["s-t-a-t-e"], [f"{origin}/auth/main"])
        form = {
            "grant_type": "authorization_code",
            "code": arrived["code"][0],
            "redirect_uri": f"{origin}/",
            "client_id": "page",
            "code_verifier": verifier,
        }
        tokens = httpx.post(f"{origin}/auth/main/oauth2/token", data=form).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert httpx.get(f"{origin}/shop/v1/me", headers=bearer).json()["username"] == "bea"
        httpx.get(f"{origin}/shop/v1/me", headers={"Authorization": f"Bearer {tokens['access_token'][:-2]}"})
        httpx.post(f"{origin}/auth/main/oauth2/token", data=form)  # a replay
        serving.stop()
    log = "".join(serving.errors) + "".join(serving.output)
    cookies = [value for value in person.http.cookies.values() if value]
    hidden = [PASSWORD, secret, verifier, confirmation, form["code"], *cookies]
    hidden += [tokens[name] for name in ("access_token", "id_token", "refresh_token") if name in tokens]
    assert [text for text in hidden if text in log] == []
    assert "bea@shop.example" not in log


def upgrade(shop: Shop, environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "portico", "db", "upgrade", "--project", str(shop.root)]
    subprocess.run(command, env={**os.environ, **environ}, check=True, capture_output=True)


def port_of(shop: Shop) -> int:
    """The port that commands take the server to be on."""
    return urlsplit(tomllib.loads((shop.root / "portico.toml").read_text())["server"]["origin"]).port or 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_issuer_comes_from_the_configuration_whatever_a_request_says(serving: Serving) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    path = "/auth/main/.well-known/openid-configuration"
    plain, other = serving.get(path).json(), serving.get(path, headers=forged).json()
    assert plain == other
    assert "evil" not in json.dumps(other)
    login = serving.get("/auth/main/login", headers=forged)
    assert "evil" not in login.text + str(login.headers)
