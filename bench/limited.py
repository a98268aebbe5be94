"""The project with a user pool, API keys and plans: the same secured POST, for which a key has to be shown as well."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bench import pool
from bench.load import Request
from bench.messages import ASKED
from bench.projects import project
from portico.access.keys.service import ApiKeys
from portico.identity.audit import AuditLog
from portico.identity.source import LOCAL
from portico.store import State

T = TypeVar("T")

STORES = ("memory", "sqlite", "redis")
SCHEME = {"type": "apiKey", "name": "X-API-Key", "in": "header"}
GENEROUS = {  # refuses nobody
    "throttle": {"rate": 1_000_000, "burst": 1_000_000},
    "quota": {"limit": 10**12, "period": "MONTH"},
}
KEY = "key"  # the file in a project that holds the secret of its key


@dataclass(frozen=True)
class KeyedRequest(Request):
    """A request that shows an API key as well."""

    key: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {**super().headers, "X-API-Key": self.key}


def folder(store: str) -> Path:
    """Where the project of a store lies: each has a state of its own."""
    return project(f"limited-{store}", "small")


def write() -> None:
    """Write the projects, with a plan that refuses nobody and a key that has it. The pool's must be there."""
    for store in STORES:
        write_project(folder(store), {"partner": GENEROUS})
        (made,) = make_keys(folder(store), {"acme": "partner"})
        (folder(store) / KEY).write_text(made)
    shutil.copytree(pool.folder(), project("pool-workers", "small"), dirs_exist_ok=True)


def write_project(folder: Path, plans: Mapping[str, Any]) -> None:
    """A copy of the pool's project, its people and its tokens, in which a message needs a key as well."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(pool.folder(), folder)
    path = folder / "specs/chat.yaml"
    document = yaml.safe_load(path.read_text())
    document["components"]["securitySchemes"]["key"] = SCHEME
    document["paths"]["/nlu"]["post"]["security"] = [{"token": ["chat/write"], "key": []}]
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    (folder / "auth/plans.yaml").write_text(yaml.safe_dump({"plans": dict(plans)}, sort_keys=False))


def make_keys(folder: Path, named: Mapping[str, str]) -> Sequence[str]:
    """Secrets of new keys.

    Args:
        folder: of the project.
        named: the plan of each, by name.
    """

    async def make(state: State) -> list[str]:
        keys = ApiKeys(state, AuditLog(state))
        made = [await keys.create(name, [plan], source=LOCAL) for name, plan in named.items()]
        return [one.secret.reveal() for one in made]

    return with_state(folder, make)


def with_state(folder: Path, work: Callable[[State], Coroutine[Any, Any, T]]) -> T:
    """Do something with the state of a project."""
    from portico import config

    state = State.open(folder, config.load(folder))
    try:
        return asyncio.run(work(state))
    finally:
        state.db.close()


def request(folder: Path) -> KeyedRequest:
    """The secured POST with the key of a project."""
    return keyed((folder / KEY).read_text())


def keyed(key: str) -> KeyedRequest:
    """The secured POST with a key."""
    return KeyedRequest("POST", "/chat/v1/nlu", 200, body=ASKED, token=pool.token(), key=key)
