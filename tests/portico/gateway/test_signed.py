"""Signed requests at the gateway, made by AWS's own signer: who is let in, what is denied, and what is told."""

from __future__ import annotations

import copy
import functools
import json
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as AwsCredentials
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.portico.gateway.designs import JSON, document, json_body, operation

from portico import config, design
from portico.access import Roles
from portico.config import Config
from portico.gateway.authority import Authority
from portico.gateway.exchange import WHOLE
from portico.gateway.signed import Signed
from portico.identity.audit import AuditLog
from portico.identity.credentials import CredentialService, TemporaryCredentials
from portico.identity.keys import SigningKeys
from portico.identity.pool import Pool
from portico.identity.revocations import Revocations
from portico.identity.settings import PoolSettings
from portico.identity.source import LOCAL
from portico.identity.verify import TokenVerifier
from portico.signing import MemoryReplayGuard, ReplayGuard
from portico.store import Database, Secrets, tables
from portico.store.feed import Change

Serve = Callable[..., TestClient]
HOST = "http://testserver"
SIGV4 = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
TEXT = json_body({"type": "object", "properties": {"text": {"type": "string"}}})
SECURITY = [{"signed": []}]
DOCUMENT = document(
    {
        "/notes": {
            "post": operation("addNote", security=SECURITY, requestBody=TEXT),
            "get": operation("listNotes", security=SECURITY),
        },
        "/notes/{owner}/{id}": {
            "get": operation(
                "getNote",
                security=SECURITY,
                parameters=[
                    {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                    for name in ("owner", "id")
                ],
            )
        },
        "/twice": {
            "post": operation("again", security=SECURITY, requestBody=TEXT, **{"x-portico-replay": "off"}),
        },
    },
    servers=[{"url": "/notes/v1"}],
    components={"securitySchemes": {"signed": SIGV4}},
)
ROLES = """\
roles:
  writer:
    statements:
      - {id: notes, effect: allow, api: api, operations: [addNote, listNotes, again]}
      - {id: own, effect: allow, api: api, paths: ["/notes/${claims.sub}/*"]}
  reader:
    statements:
      - {id: list, effect: allow, api: api, operations: [listNotes]}
"""


class World:
    """A gateway whose operations want signed requests."""

    def __init__(
        self,
        root: Path,
        serve: Serve,
        settings: Config | None = None,
        doc: dict[str, Any] = DOCUMENT,
        guard: ReplayGuard | None = None,
    ) -> None:
        (root / "auth").mkdir()
        (root / "auth/roles.yaml").write_text(ROLES)
        self.database = Database.open(config.Database(), root=root)
        pool = Pool(PoolSettings(), HOST, self.database, Secrets(Secrets.generate()), time.time, root)
        api = design.read(doc, root=root, name="api")
        roles = Roles.load(root, pool.settings, apis=[api])
        audit = AuditLog(pool)
        self.revocations = Revocations(pool.clock)
        verifier = TokenVerifier(pool, keys=SigningKeys(pool, audit=audit), revocations=self.revocations)
        self.credentials = CredentialService(
            pool, roles=roles, audit=audit, verify=verifier, revocations=self.revocations
        )
        settings = settings or Config()
        signed = Signed(
            settings=settings,
            credentials=self.credentials,
            roles=roles,
            guard=guard or MemoryReplayGuard(),
            address=lambda x: "127.0.0.1",
            doctor=True,
        )
        handlers = {"addNote": add, "listNotes": who, "getNote": one, "again": add}
        self.client = serve(doc, handlers, settings, authority=Authority(signed=signed), name="api")

    def sign(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        role: str = "writer",
        credentials: TemporaryCredentials | None = None,
        region: str = "us-east-1",
    ) -> AWSRequest:
        credentials = credentials or self.credentials.mint(role)
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": JSON} if body is not None else {}
        request = AWSRequest(method, HOST + path, headers=headers, data=data)
        SigV4Auth(aws(credentials), "execute-api", region).add_auth(request)
        return request

    def send(self, request: AWSRequest, **changes: Any) -> Any:
        prepared = request.prepare()
        content = changes.pop("content", prepared.body or b"")
        headers = {**{k: v.decode() if isinstance(v, bytes) else v for k, v in prepared.headers.items()}, **changes}
        return self.client.request(request.method, prepared.url.removeprefix(HOST), content=content, headers=headers)


def aws(credentials: TemporaryCredentials) -> AwsCredentials:
    return AwsCredentials(credentials.access_key_id, credentials.secret_key.reveal(), credentials.session_token)


def add(body: Any, ctx: Any) -> dict[str, Any]:
    return {"role": ctx.caller.role, "text": body["text"]}


def who(ctx: Any) -> dict[str, Any]:
    return {"role": ctx.caller.role, "anonymous": ctx.caller.anonymous}


def one(owner: str, id: str) -> dict[str, Any]:
    return {"owner": owner, "id": id}


@pytest.fixture
def world(tmp_path: Path, serve: Serve) -> Iterator[World]:
    world = World(tmp_path, serve)
    yield world
    world.database.close()


def test_a_request_signed_with_temporary_credentials_is_answered(world: World) -> None:
    answer = world.send(world.sign("POST", "/notes/v1/notes", {"text": "buy tulips"}))
    assert (answer.status_code, answer.json()) == (200, {"role": "writer", "text": "buy tulips"})


def test_a_presigned_url_is_answered(world: World) -> None:
    request = AWSRequest("GET", f"{HOST}/notes/v1/notes")
    SigV4QueryAuth(aws(world.credentials.mint("reader")), "execute-api", "us-east-1", expires=60).add_auth(request)
    answer = world.client.get(request.url.removeprefix(HOST))
    assert answer.json()["role"] == "reader", answer.text


def test_the_signature_of_a_presigned_url_is_no_extra_parameter(tmp_path: Path, serve: Serve) -> None:
    world = World(tmp_path, functools.partial(serve, strict_validation=True))

    def called(path: str) -> Any:
        request = AWSRequest("GET", HOST + path)
        SigV4QueryAuth(aws(world.credentials.mint("reader")), "execute-api", "us-east-1", expires=60).add_auth(request)
        return world.client.get(request.url.removeprefix(HOST))

    assert called("/notes/v1/notes").json()["role"] == "reader"
    assert "Extra query parameter(s) more" in called("/notes/v1/notes?more=1").json()["detail"]
    world.database.close()


async def test_a_machine_that_signs_with_its_access_key_is_not_anonymous(world: World) -> None:
    tables.load().create_all(world.database.engine)
    made = await world.credentials.keys.create("reader", name="till", source=LOCAL)
    request = AWSRequest("GET", f"{HOST}/notes/v1/notes")
    SigV4Auth(AwsCredentials(made.key.id, made.secret_key.reveal()), "execute-api", "us-east-1").add_auth(request)
    assert world.send(request).json() == {"role": "reader", "anonymous": False}


def test_a_function_of_the_project_may_read_the_body_whose_signature_was_verified(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def partner(apikey: str, request: Any) -> dict[str, Any] | None:
        return {"uid": "partner"} if b"tulips" in await request.body() else None

    monkeypatch.setitem(sys.modules, "reads_bodies", types.SimpleNamespace(partner=partner))
    key = {"type": "apiKey", "in": "header", "name": "X-Key", "x-apikeyInfoFunc": "reads_bodies.partner"}
    doc = copy.deepcopy(DOCUMENT)
    doc["components"]["securitySchemes"]["key"] = key
    doc["paths"]["/notes"]["post"]["security"] = [{"signed": [], "key": []}]
    world = World(tmp_path, serve, doc=doc)
    answer = world.send(world.sign("POST", "/notes/v1/notes", {"text": "tulips"}), **{"X-Key": "secret"})
    assert answer.json() == {"role": "writer", "text": "tulips"}
    world.database.close()


def test_an_unsigned_request_is_asked_to_sign(world: World) -> None:
    answer = world.client.get("/notes/v1/notes")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("AWS4-HMAC-SHA256")


def test_a_changed_body_is_refused_and_the_handler_never_sees_it(world: World) -> None:
    answer = world.send(world.sign("POST", "/notes/v1/notes", {"text": "a"}), content=b'{"text": "b"}')
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "InvalidSignatureException"


def test_the_doctor_shows_what_the_server_signed_and_no_secret(world: World) -> None:
    credentials = world.credentials.mint("writer")
    request = world.sign("GET", "/notes/v1/notes", credentials=credentials)
    answer = world.client.get("/notes/v1/notes?more=1", headers=dict(request.headers.items()))
    assert answer.status_code == 403
    assert "more=1" in answer.json()["doctor"]["canonical_request"]
    assert credentials.secret_key.reveal() not in answer.text
    assert credentials.session_token not in answer.text


def test_a_post_counts_once_while_two_equal_gets_pass(world: World) -> None:
    post, get = world.sign("POST", "/notes/v1/notes", {"text": "a"}), world.sign("GET", "/notes/v1/notes")
    assert [world.send(post).status_code for _ in range(2)] == [200, 403]
    assert [world.send(get).status_code for _ in range(2)] == [200, 200]


class LateGuard:
    """A guard that has to be awaited, as the database's has."""

    def __init__(self) -> None:
        self.memory = MemoryReplayGuard()

    async def first_seen(self, signature: str, until: float, now: float) -> bool:
        return self.memory.first_seen(signature, until, now)

    async def close(self) -> None: ...


class Piece:
    """A body in one piece, as Portico's server offers it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def body(self) -> bytes:
        return self.content

    def answer(self, *_: Any) -> bool:
        return False


def in_one_piece(app: ASGIApp) -> ASGIApp:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["extensions"] = {WHOLE: Piece((await receive())["body"])}
        await app(scope, receive, send)

    return served


@pytest.mark.parametrize("guard", [MemoryReplayGuard(), LateGuard()], ids=["at once", "later"])
def test_a_body_in_one_piece_is_verified_and_counts_once(tmp_path: Path, serve: Serve, guard: ReplayGuard) -> None:
    world = World(tmp_path, serve, guard=guard)
    post = world.sign("POST", "/notes/v1/notes", {"text": "buy tulips"})
    world.client = TestClient(in_one_piece(world.client.app))
    assert world.send(post, content=b'{"text": "buy roses"}').status_code == 403
    answer = world.send(post)
    assert (answer.status_code, answer.json()) == (200, {"role": "writer", "text": "buy tulips"})
    again = world.send(post)
    assert (again.status_code, "received before" in again.json()["detail"]) == (403, True), again.text
    stranger = world.sign("POST", "/notes/v1/notes", {"text": "hello"}, credentials=world.credentials.mint("writer"))
    stranger.headers["X-Amz-Security-Token"] = "made-up"
    assert world.send(stranger).status_code == 403
    world.database.close()


def test_an_operation_may_take_a_post_twice(world: World) -> None:
    post = world.sign("POST", "/notes/v1/twice", {"text": "a"})
    assert [world.send(post).status_code for _ in range(2)] == [200, 200]


def test_a_role_may_call_what_its_policy_allows_and_nothing_else(world: World) -> None:
    answer = world.send(world.sign("POST", "/notes/v1/notes", {"text": "a"}, role="reader"))
    assert answer.status_code == 403
    assert answer.json()["detail"] == "The role reader may not call addNote."
    assert "doctor" not in answer.json()


@pytest.mark.parametrize(
    "path",
    ["/notes/v1/notes/ann/1", "/notes/v1/notes/a%2Fnn/1", "/notes/v1/notes/%61nn/1", "/%6Eotes/v1/notes/ann/1"],
)
def test_a_path_pattern_is_matched_on_what_was_sent(world: World, path: str) -> None:
    """Nobody signed in has the subject "ann": every spelling is denied."""
    assert world.send(world.sign("GET", path)).status_code in (403, 404)


def test_credentials_for_another_region_say_which_is_meant(world: World) -> None:
    answer = world.send(world.sign("GET", "/notes/v1/notes", region="eu-west-1"))
    assert answer.status_code == 403
    assert "us-east-1" in answer.json()["detail"]


def test_a_swapped_session_token_is_refused(world: World) -> None:
    mine, other = world.credentials.mint("reader"), world.credentials.mint("writer")
    request = world.sign("POST", "/notes/v1/notes", {"text": "a"}, credentials=mine)
    assert world.send(request, **{"X-Amz-Security-Token": other.session_token}).status_code == 403


def test_revoked_credentials_are_refused_at_once(world: World) -> None:
    credentials = world.credentials.mint("reader")
    assert world.send(world.sign("GET", "/notes/v1/notes", credentials=credentials)).status_code == 200
    now = time.time() + 1
    world.revocations.hear(Change("access_key", credentials.access_key_id, now, now + 3_600))
    answer = world.send(world.sign("GET", "/notes/v1/notes", credentials=credentials))
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "UnrecognizedClientException"


def test_a_body_over_the_limit_is_not_hashed(tmp_path: Path, serve: Serve) -> None:
    world = World(tmp_path, serve, Config(server=config.Server(body_limit=1_000)))
    assert world.send(world.sign("POST", "/notes/v1/notes", {"text": "a" * 2_000})).status_code == 413
    world.database.close()


async def test_nothing_is_received_from_somebody_unknown(world: World) -> None:
    """Thirty uploads without a key would take as much memory as thirty with one."""
    sent: list[Message] = []
    request = AWSRequest("POST", f"{HOST}/notes/v1/notes", headers={"Content-Type": JSON}, data=b"{}")
    SigV4Auth(AwsCredentials("ASIAAAAAAAAAAAAAAAAA", "x", "token"), "execute-api", "us-east-1").add_auth(request)
    headers = [(name.lower().encode(), str(value).encode()) for name, value in request.headers.items()]
    path = "/notes/v1/notes"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}

    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    async def send(message: Message) -> None:
        sent.append(message)

    await world.client.app({**scope, "headers": [(b"host", b"testserver"), *headers]}, receive, send)
    assert sent[0]["status"] == 403


def test_what_is_revoked_while_the_body_comes_is_refused(world: World) -> None:
    credentials = world.credentials.mint("writer")
    request = world.sign("POST", "/notes/v1/notes", {"text": "a"}, credentials=credentials)

    def parts() -> Iterator[bytes]:
        yield b'{"text": '
        now = time.time() + 1
        world.revocations.hear(Change("access_key", credentials.access_key_id, now, now + 3_600))
        yield b'"a"}'

    assert world.send(request, content=parts()).headers["x-amzn-errortype"] == "UnrecognizedClientException"


def test_a_forged_host_breaks_the_signature(world: World) -> None:
    assert world.send(world.sign("GET", "/notes/v1/notes"), Host="evil.example").status_code == 403


def test_credentials_that_nobody_gave_are_refused(world: World) -> None:
    request = AWSRequest("GET", f"{HOST}/notes/v1/notes")
    SigV4Auth(AwsCredentials("ASIAAAAAAAAAAAAAAAAA", "x", "token"), "execute-api", "us-east-1").add_auth(request)
    assert world.send(request).status_code == 403
