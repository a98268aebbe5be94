"""Other people's clients, over real connections, with the real sign-in page in between."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import msgspec
import pytest
import uvicorn
from authlib.integrations.httpx_client import OAuth2Client
from requests_oauthlib import OAuth2Session
from starlette.applications import Starlette
from starlette.routing import Mount

from portico.config import Config
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import Client, PoolSettings
from portico.identity.users import NewUser
from portico.store import Clock

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

HERE = Path(__file__).parent
CACHE = HERE.parents[3] / ".cache" / "oidc"
PASSWORD = "a stone bridge at dusk"
SCOPE = "openid profile email concierge/chat"


@pytest.fixture
def clock() -> Clock:
    return time.time


@pytest.fixture
def settings(settings: PoolSettings) -> PoolSettings:
    tv = Client(grants=("device_code", "refresh_token"), scopes=tuple(SCOPE.split()))
    return msgspec.structs.replace(settings, algorithm="RS256", mfa="off", clients={**settings.clients, "tv": tv})


@pytest.fixture
def secrets() -> dict[str, str]:
    """The secrets of confidential clients, as far as the server has given them any."""
    return {}


@pytest.fixture
def issuer(pool: Pool, secrets: dict[str, str]) -> Iterator[str]:
    """A running server, with Ada in its pool."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
        identity = Identity.of(replace(pool, origin=f"http://localhost:{port}"), Config())
        ready = threading.Event()

        @contextlib.asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            await identity.start()
            await identity.users.create(NewUser(username="Ada", email="ada@example.com"), password=PASSWORD)
            secrets["robot"] = (await identity.provider.clients.new_secret("robot")).reveal()
            ready.set()
            yield
            await identity.stop()

        app = Starlette(routes=[Mount("/", identity.app)], lifespan=lifespan)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        assert ready.wait(30)
        yield f"http://localhost:{port}/auth/main"
        server.should_exit = True
        thread.join()


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client() as browser:
        yield browser


def browse(browser: httpx.Client, address: str, callback: str) -> str:
    """Go to an address, sign in where that is asked, and say where the application got the browser back."""
    for _ in range(10):
        if address.startswith(callback) and urlsplit(address).path == urlsplit(callback).path:
            return address
        response = browser.get(address)
        if response.status_code == 200 and 'name="password"' in response.text:
            csrf = response.text.split('name="csrf" value="')[1].split('"')[0]
            form = {"csrf": csrf, "login": "ada", "password": PASSWORD}
            response = browser.post(address, data=form)
        assert response.is_redirect, response.text
        address = str(response.url.join(response.headers["location"]))
    raise AssertionError("redirects without end")


def metadata(issuer: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    return found


def callback_of(issuer: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}/"


def test_authlibs_client(issuer: str, browser: httpx.Client) -> None:
    found, callback = metadata(issuer), callback_of(issuer)
    verifier = "v" * 64
    with OAuth2Client(
        "chat",
        redirect_uri=callback,
        scope=SCOPE,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        token_endpoint=found["token_endpoint"],
    ) as client:
        address, state = client.create_authorization_url(
            found["authorization_endpoint"], code_verifier=verifier, nonce="n"
        )
        back = browse(browser, address, callback)
        token = client.fetch_token(
            found["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state
        )
        key = jwt.PyJWKClient(found["jwks_uri"]).get_signing_key_from_jwt(token["id_token"])
        claims = jwt.decode(token["id_token"], key.key, algorithms=["RS256"], audience="chat", issuer=issuer)
        assert claims["nonce"] == "n"
        assert client.get(found["userinfo_endpoint"]).json()["preferred_username"] == "Ada"
        fresh = client.refresh_token(found["token_endpoint"], refresh_token=token["refresh_token"])
        assert fresh["refresh_token"] != token["refresh_token"]
        assert client.revoke_token(found["revocation_endpoint"], fresh["refresh_token"]).status_code == 200
        with pytest.raises(Exception, match="invalid_grant"):
            client.refresh_token(found["token_endpoint"], refresh_token=fresh["refresh_token"])


def test_authlibs_client_calls_for_itself(issuer: str, secrets: dict[str, str]) -> None:
    found = metadata(issuer)
    with OAuth2Client("robot", secrets["robot"], token_endpoint=found["token_endpoint"]) as client:
        token = client.fetch_token(found["token_endpoint"], grant_type="client_credentials", scope="stock/read")
        assert client.introspect_token(found["introspection_endpoint"], token["access_token"]).json()["active"]


def test_requests_oauthlib(issuer: str, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    found, callback = metadata(issuer), callback_of(issuer)
    with OAuth2Session("chat", redirect_uri=callback, scope=SCOPE.split(), pkce="S256") as client:
        address, _state = client.authorization_url(found["authorization_endpoint"])
        back = browse(browser, address, callback)
        token = client.fetch_token(found["token_endpoint"], authorization_response=back, include_client_id=True)
        assert client.get(found["userinfo_endpoint"]).json()["email"] == "ada@example.com"
        fresh = client.refresh_token(found["token_endpoint"], refresh_token=token["refresh_token"], client_id="chat")
        assert fresh["access_token"] != token["access_token"]


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """The folder with the packages of package.json; they are fetched once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed")
    wanted = (HERE / "package.json").read_text()
    stamp = CACHE / "installed.json"
    if not stamp.is_file() or stamp.read_text() != wanted:
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text(wanted)
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
        if subprocess.run(command, cwd=CACHE, stdin=subprocess.DEVNULL).returncode:
            pytest.skip("npm could not fetch the packages")
        stamp.write_text(wanted)
    shutil.copyfile(HERE / "clients.mjs", CACHE / "clients.mjs")
    return CACHE


def allow(browser: httpx.Client, address: str) -> str:
    """Sign in, and allow the device with the code in the address."""
    page = browser.get(address, follow_redirects=True)
    for form in ({"login": "ada", "password": PASSWORD}, {"user_code": address[-9:], "decision": "allow"}):
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        page = browser.post(str(page.url), data={"csrf": csrf, **form}, follow_redirects=True)
    assert "Your device is signed in" in page.text
    return str(page.url)


def test_openid_client_on_a_device(issuer: str, browser: httpx.Client, node_packages: Path) -> None:
    command = ["node", "clients.mjs", "device", issuer, "tv", "", SCOPE]
    with subprocess.Popen(
        command, cwd=node_packages, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        asked = json.loads(node.stdout.readline())["go"]
        assert asked.startswith(f"{issuer}/device?user_code=")
        print(allow(browser, asked), file=node.stdin, flush=True)
        done = json.loads(node.stdout.readline())["done"]
    assert node.returncode == 0
    assert done["claims"]["sub"] == done["person"]["sub"] == done["renewed"]["sub"]
    assert done["claims"]["amr"] == ["pwd"]
    assert done["rest"]["scope"] == SCOPE


@pytest.mark.parametrize("library", ["openid-client", "oidc-client-ts"])
def test_javascript_clients(issuer: str, browser: httpx.Client, node_packages: Path, library: str) -> None:
    callback = callback_of(issuer)
    command = ["node", "clients.mjs", library, issuer, "chat", callback, SCOPE]
    with subprocess.Popen(
        command, cwd=node_packages, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        done: dict[str, Any] = {}
        for line in node.stdout:
            said = json.loads(line)
            done = said.get("done", done)
            if "go" in said:
                print(browse(browser, said["go"], callback), file=node.stdin, flush=True)
    assert node.returncode == 0
    assert done["claims"]["sub"] == done["person"]["sub"] == done["renewed"]["sub"]
    assert done["person"]["email"] == "ada@example.com"
    assert done["after"] == "invalid_grant"
    assert done["end"].startswith(f"{callback}?state=")
    if library == "openid-client":
        assert "iss" in done["mixUp"]
