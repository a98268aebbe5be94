"""`portico call` and `portico sign` as somebody: what arrives at the server is signed, or carries a token."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.portico.cli.conftest import Done
from tests.portico.signing.listener import Listener, listening
from typer import Typer
from typer.testing import CliRunner, Result

from portico.cli.sign import sign
from portico.identity.local import open_pool
from portico.identity.users.accounts import NewUser
from portico.secret import Secret
from portico.signing import Received, Rules, present, verify

KEY, SECRET = "AKIAEXAMPLE123456789", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
RULES = Rules("eu-central-1")
REGION = '\n[signing]\nregion = "eu-central-1"\n'
POOL = """\
name: main
groups: {keepers: {description: Those who feed}}
resource_servers: {pets: {title: Pets, scopes: {read: See them}}}
clients: {shop: {title: Shop, redirect_uris: [/], scopes: [openid, pets/read]}}
"""
ROLES = """\
roles:
  nobody:
    assigned_to: {groups: [keepers]}
    statements: [{id: none, effect: deny, api: pets, operations: "*"}]
  keeper:
    assigned_to: {signed_in: true}
    statements: [{id: all, effect: allow, api: pets, operations: "*"}]
"""

Portico = Callable[..., Done]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a.token")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def address(listener: Listener) -> str:
    listener.received.clear()
    return f"http://127.0.0.1:{listener.server_port}"


@pytest.fixture
def project(pets: Path) -> Path:
    """A project with a pool, roles, and one user."""
    (pets / "portico.toml").write_text(f'[server]\nmode = "development"\n{REGION}')
    (pets / "auth").mkdir()
    (pets / "auth" / "pool.yaml").write_text(POOL)
    (pets / "auth" / "roles.yaml").write_text(ROLES)
    return pets


def add_user(project: Path, name: str) -> None:
    import asyncio

    with open_pool(project) as identity:
        asyncio.run(identity.users.create(NewUser(username=name, email=f"{name}@shop.example")))


def verified(received: Received, secret: Secret | None = None) -> str:
    """The access key id of a request whose signature is right."""
    presented = present(received)
    assert presented is not None
    verify(received, presented, secret or Secret(SECRET), now=time.time(), rules=RULES)
    return presented.access_key_id


def resolved(project: Path, received: Received) -> tuple[str, str | None]:
    """The role and the user of a request that was signed with temporary credentials."""
    presented = present(received)
    assert presented is not None
    with open_pool(project) as identity:
        found = identity.credentials.resolve(presented.access_key_id, presented.session_token, time.time())
        assert not hasattr(found, "__await__")
        verified(received, found.secret_key)  # type: ignore[union-attr]
        return found.principal.role, found.principal.username  # type: ignore[union-attr]


def signed(*words: str) -> Result:
    app = Typer()
    app.command()(sign)
    return CliRunner().invoke(app, words, catch_exceptions=False)


def test_a_call_is_signed_with_the_keys_of_the_environment(
    portico: Portico, pets: Path, address: str, listener: Listener, keys: None
) -> None:
    (pets / "portico.toml").write_text(REGION)
    words = ("--pet-id", "7", "--tags", "a b", "--tags", "é", "--sign", "--url", address)
    assert portico("call", "pets", "getPet", *words, cwd=pets).returncode == 0
    portico("call", "pets", "addPet", "--body", '{"name": "Rex"}', "--sign", "--url", address, cwd=pets)
    for received in listener.received:
        assert verified(received) == KEY
        assert dict(received.headers)[b"x-amz-security-token"] == b"a.token"
    assert len(listener.received) == 2


def test_a_signed_call_hides_its_signature_and_its_token(
    portico: Portico, pets: Path, address: str, keys: None
) -> None:
    done = portico("call", "pets", "getPet", "--pet-id", "7", "--sign", "-v", "--url", address, cwd=pets)
    assert "a.token" not in done.stderr
    assert "Signature=" not in done.stderr


def test_without_keys_a_signed_call_says_what_to_do(portico: Portico, pets: Path, address: str) -> None:
    done = portico("call", "pets", "getPet", "--pet-id", "7", "--sign", "--url", address, cwd=pets)
    assert done.returncode == 2
    assert "AWS_ACCESS_KEY_ID" in done.stderr
    assert "--role" in done.stderr


def test_in_development_a_call_is_signed_with_the_first_role_that_may(
    portico: Portico, project: Path, address: str, listener: Listener
) -> None:
    done = portico("call", "pets", "getPet", "--pet-id", "7", "--sign", "--url", address, cwd=project)
    assert done.returncode == 0, done.stderr
    assert "role keeper" in done.stderr
    assert resolved(project, listener.received[0]) == ("keeper", None)


def test_a_call_is_signed_with_a_role_and_as_a_user(
    portico: Portico, project: Path, address: str, listener: Listener
) -> None:
    add_user(project, "ada")
    for words in (["--role", "nobody"], ["--sign", "--as", "ada"], ["--role", "nobody", "--as", "ada@shop.example"]):
        done = portico("call", "pets", "getPet", "--pet-id", "7", *words, "--url", address, cwd=project)
        assert done.returncode == 0, done.stderr
    found = [resolved(project, received) for received in listener.received]
    assert found == [("nobody", None), ("keeper", "ada"), ("nobody", "ada")]


def test_a_call_as_a_user_carries_a_token_that_the_pool_verifies(
    portico: Portico, project: Path, address: str, listener: Listener
) -> None:
    import asyncio

    add_user(project, "ada")
    done = portico("call", "pets", "getPet", "--pet-id", "7", "--as", "ada", "--url", address, cwd=project)
    assert done.returncode == 0, done.stderr
    kind, _, token = dict(listener.received[0].headers)[b"authorization"].decode().partition(" ")
    assert kind == "Bearer"
    with open_pool(project, port=listener.server_port) as identity:
        claims = asyncio.run(identity.verifier.verify(token, use=("access",)))
    assert claims["username"] == "ada"
    assert "pets/read" in claims["scope"].split()
    assert claims["iss"] == f"http://localhost:{listener.server_port}/auth/main"
    assert "refuse" not in done.stderr


def test_a_token_for_another_origin_is_sent_with_a_word_about_it(
    portico: Portico, project: Path, address: str, listener: Listener
) -> None:
    settings = (project / "portico.toml").read_text()
    (project / "portico.toml").write_text(settings.replace("[server]", '[server]\norigin = "https://shop.example"'))
    add_user(project, "ada")
    done = portico("call", "pets", "getPet", "--pet-id", "7", "--as", "ada", "--url", address, cwd=project)
    assert "[server] origin, https://shop.example:" in done.stderr
    assert listener.received


@pytest.mark.parametrize("words", [("--as", "eve"), ("--sign", "--as", "eve"), ("--role", "king")])
def test_whom_nobody_knows_cannot_call(portico: Portico, project: Path, address: str, words: tuple[str, ...]) -> None:
    done = portico("call", "pets", "getPet", "--pet-id", "7", *words, "--url", address, cwd=project)
    assert done.returncode == 2
    assert words[-1] in done.stderr


def test_a_given_token_is_sent_as_it_is(portico: Portico, pets: Path, address: str, listener: Listener) -> None:
    (pets / "token.txt").write_text("from.a.file\n")
    for given in ("from.a.word", "@token.txt"):
        portico("call", "pets", "getPet", "--pet-id", "7", "--token", given, "--url", address, cwd=pets)
    sent = [dict(received.headers)[b"authorization"] for received in listener.received]
    assert sent == [b"Bearer from.a.word", b"Bearer from.a.file"]


def test_a_token_beside_a_signature_is_refused(portico: Portico, pets: Path, address: str) -> None:
    done = portico("call", "pets", "getPet", "--pet-id", "7", "--token", "t", "--sign", "--url", address, cwd=pets)
    assert done.returncode == 2
    assert "--token" in done.stderr


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/a b/c?x=1&x=é", []),
        ("POST", "/pets", ["--body", '{"name": "it\'s"}', "--header", "X-Trace: 7"]),
        ("delete", "/pets/7", []),
    ],
)
def test_the_printed_curl_command_sends_a_signed_request(
    address: str, listener: Listener, keys: None, method: str, path: str, words: list[str]
) -> None:
    done = signed(method, address + path, "--region", "eu-central-1", *words)
    assert done.exit_code == 0, done.output
    subprocess.run([*shlex.split(done.stdout), "-sS"], check=True)
    received = listener.received[0]
    assert verified(received) == KEY
    assert received.method == method.upper()
    assert received.body == (words[1].encode() if words else b"")


def test_a_presigned_url_is_printed_and_works_by_itself(address: str, listener: Listener, keys: None) -> None:
    done = signed("GET", f"{address}/pets?limit=2", "--presign", "60", "--region", "eu-central-1")
    assert done.exit_code == 0, done.output
    subprocess.run(["curl", "-sS", done.stdout.strip()], check=True)
    assert verified(listener.received[0]) == KEY


def test_a_signed_request_is_printed_as_json(address: str, keys: None) -> None:
    done = signed("GET", f"{address}/pets", "--json")
    said = msgspec.json.decode(done.stdout)
    assert said["method"] == "GET"
    assert said["headers"]["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA")
