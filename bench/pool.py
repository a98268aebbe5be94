"""The project with a user pool: tokens of its own, temporary credentials, and people who sign in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bench.projects import ROOT, WORK, project, write_project
from portico.identity.service import Identity
from portico.secret import Secret
from portico.signing import Credentials

T = TypeVar("T")

POOL = "main"
CLIENT = "bench"
ROLE = "visitor"
REDIRECT = "http://localhost:8000/"
PASSWORD = "a long and rather unusual passphrase"
PEOPLE = 100  # who sign in at once
TOKEN, CREDENTIALS = WORK / "pool-token", WORK / "pool-credentials.json"

SCHEMES = {
    "token": {"type": "openIdConnect", "openIdConnectUrl": f"/auth/{POOL}/.well-known/openid-configuration"},
    "sigv4": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
}
SETTINGS = """\
[server]
origin = "http://localhost:8000"

[mail] # production wants one; nothing here sends a mail
server = "smtp://localhost:9"
sender = "Bench <bench@shop.example>"
"""
POOL_YAML = {
    "name": POOL,
    "resource_servers": {"chat": {"title": "Chat", "scopes": {"write": "Talk"}}},
    "clients": {
        CLIENT: {"title": "Bench", "redirect_uris": [REDIRECT], "scopes": ["openid", "profile", "email", "chat/write"]}
    },
}
STATEMENT = {"id": "talk", "effect": "allow", "api": "chat", "operations": "*"}
ROLES_YAML = {
    "roles": {ROLE: {"assigned_to": {"signed_in": True}, "max_duration": "12h", "statements": [STATEMENT]}},
}


def folder() -> Path:
    """Where the project lies."""
    return project("pool", "small")


def write() -> None:
    """Write the project, its tables and its people, a token and temporary credentials."""
    document = yaml.safe_load((ROOT / "bench/project/specs/chat.yaml").read_text())
    document["components"]["securitySchemes"] = SCHEMES
    document["paths"]["/nlu"]["post"]["security"] = [{"token": ["chat/write"]}, {"sigv4": []}]
    write_project(folder(), document)
    (folder() / "handlers/tokens.py").unlink()
    (folder() / "portico.toml").write_text(SETTINGS)
    for name, content in (("pool.yaml", POOL_YAML), ("roles.yaml", ROLES_YAML)):
        (folder() / "auth").mkdir(exist_ok=True)
        (folder() / "auth" / name).write_text(yaml.safe_dump(content))
    _with_identity(_prepare)


def _with_identity(work: Callable[[Identity], Coroutine[Any, Any, T]]) -> T:
    from portico import project as projects
    from portico import store
    from portico.identity.service import open_pool

    secret = folder() / ".portico" / "secret"
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.write_text(store.Secrets.generate() + "\n")
    secret.chmod(0o600)
    loaded = projects.load(folder())
    pool = open_pool(folder(), loaded.config)
    assert pool is not None
    try:
        store.prepare(pool.db, development=True)
        return asyncio.run(work(Identity.of(pool, loaded.config, loaded.apis)))
    finally:
        pool.db.close()


async def _prepare(identity: Identity) -> None:
    from portico.identity.users.accounts import NewUser

    people = [
        await identity.users.create(
            NewUser(username=f"person{number}", email=f"p{number}@shop.example"), password=PASSWORD
        )
        for number in range(PEOPLE)
    ]
    scopes = POOL_YAML["clients"][CLIENT]["scopes"]  # type: ignore[index]
    TOKEN.write_text(await identity.tokens.mint_access_token(people[0], CLIENT, scopes, lifetime=43_200))
    made = identity.credentials.mint(ROLE, user=people[0], duration=43_200)
    CREDENTIALS.write_text(json.dumps([made.access_key_id, made.secret_key.reveal(), made.session_token]))


def token() -> str:
    """An access token of the pool, good for twelve hours."""
    return TOKEN.read_text()


def credentials() -> Credentials:
    """Temporary credentials, good for twelve hours."""
    access_key_id, secret_key, session_token = json.loads(CREDENTIALS.read_text())
    return Credentials(access_key_id, Secret(secret_key), session_token)
