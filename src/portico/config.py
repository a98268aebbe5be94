"""The configuration of a project: `portico.toml`, then `PORTICO_*` environment variables.

A variable names its table and its key: `PORTICO_SERVER_PORT=9000` is `port` in `[server]`. A list is written with
commas.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from portico.errors import ConfigError
from portico.secret import Secret

Mode = Literal["off", "log", "enforce"]
NO_SECRET = Secret()


@dataclass(frozen=True, slots=True)
class Server:
    """How the process listens."""

    mode: Literal["development", "production"] = "production"  # development: mails are shown, tables made, faults told
    origin: str = ""  # "https://shop.example": every link and the tokens' issuer; empty: http://localhost:PORT
    trusted_proxies: tuple[str, ...] = ()  # networks whose X-Forwarded-For says who calls: "10.0.0.0/8"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1  # processes
    worker_timeout: float = 60.0  # seconds that a worker's event loop may stand still; then another takes its place
    body_limit: int = 10_000_000  # bytes of a request's body; more is answered with 413
    handler_timeout: float = 29.0  # seconds; then 504
    body_timeout: float = 20.0  # seconds between two parts of a request's body; then 408
    drain_timeout: float = 30.0  # seconds that running requests get when the server stops
    drain_delay: float = 1.0  # seconds after SIGTERM in which new connections are still taken, while /readyz says 503
    management_host: str = "127.0.0.1"
    management_port: int = 0  # /metrics on a port of its own; 0: on the main port for callers on this machine only
    access_log: bool = True
    log_level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class Gateway:
    """How requests are checked."""

    validate_responses: Mode = "enforce"
    strict_validation: bool = False  # refuse query and form parameters that the document does not name
    pythonic_params: bool = True  # productId is product_id in handlers
    compress_above: int = 1_024  # bytes; a shorter answer is sent as it is
    failed_authentications: int = (
        100  # of one address in ten seconds; then 429 before anything is checked; 0: any number
    )


@dataclass(frozen=True, slots=True)
class Cors:
    """Which pages of other origins may call (the Fetch standard's CORS protocol)."""

    allow_origins: tuple[str, ...] = ()  # "https://shop.example", or "*" for any
    allow_headers: tuple[str, ...] = (  # the X-Amz-* ones: signed requests
        "Authorization", "Content-Type", "Idempotency-Key", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Nonce",
        "X-Amz-Security-Token", "X-Api-Key", "X-Request-Id",
    )  # fmt: skip
    expose_headers: tuple[str, ...] = ("X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy", "Link", "Date")
    allow_credentials: bool = False
    max_age: int = 600  # seconds that a browser may keep a preflight's answer


@dataclass(frozen=True, slots=True)
class Database:
    """Where the state lies."""

    url: Secret = NO_SECRET  # "postgresql://user:password@host/name"; empty: SQLite in .portico/portico.sqlite3
    connections: int = 8  # of one process to PostgreSQL


@dataclass(frozen=True, slots=True)
class Redis:
    """Where limits are kept that several machines share."""

    url: Secret = NO_SECRET  # "redis://:password@host:6379/0" or "rediss://..."; empty: on this machine
    prefix: str = "portico"  # of all keys: projects that share a server need different ones


@dataclass(frozen=True, slots=True)
class Mail:
    """How mails go out. In development they are printed, and kept for the mailbox page, when there is no server."""

    server: Secret = NO_SECRET  # "smtps://user:password@host:465", "smtp+starttls://...:587" or "smtp://host:25"
    sender: str = ""  # "Shop <no-reply@shop.example>"


@dataclass(frozen=True, slots=True)
class Signing:
    """How signed requests are checked (AWS Signature Version 4)."""

    region: str = "us-east-1"  # that clients sign for; the service is always execute-api
    skew: float = 300.0  # seconds that a client's clock may be wrong
    replay: Literal["off", "signature", "nonce"] = "signature"  # what of an unsafe request may be seen once only


@dataclass(frozen=True, slots=True)
class Design:
    """How documents are read."""

    remote: tuple[str, ...] = ()  # URL prefixes that a $ref may fetch from; anything else remote is refused
    arguments: dict[str, Any] = field(default_factory=dict)  # Connexion's Jinja arguments


@dataclass(frozen=True, slots=True)
class Check:
    """Which rules of `portico check` are off."""

    off: dict[str, str] = field(default_factory=dict)  # rule name -> the reason


@dataclass(frozen=True, slots=True)
class Sdk:
    """What `portico sdk` writes."""

    languages: tuple[str, ...] = ("python", "typescript")  # of the packages in sdk/
    site: tuple[str, ...] = ()  # documents whose JavaScript module goes to static_site/sdk/ as well
    client_id: str = ""  # of login(); empty: the pool's public client with a loopback redirect URI
    packages: dict[str, str] = field(default_factory=dict)  # language -> published name: "acme-{api}", "@acme/{api}"
    license: str = ""  # of the packages, an SPDX identifier such as Apache-2.0; empty: they name none


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a project may decide."""

    server: Server = Server()
    gateway: Gateway = Gateway()
    cors: Cors = Cors()
    database: Database = Database()
    redis: Redis = Redis()
    mail: Mail = Mail()
    signing: Signing = Signing()
    design: Design = field(default_factory=Design)
    check: Check = field(default_factory=Check)
    sdk: Sdk = field(default_factory=Sdk)


TABLES: Mapping[str, type[Any]] = {
    "server": Server,
    "gateway": Gateway,
    "cors": Cors,
    "database": Database,
    "redis": Redis,
    "mail": Mail,
    "signing": Signing,
    "design": Design,
    "check": Check,
    "sdk": Sdk,
}


def load(root: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration of the project in `root`.

    Args:
        root: the folder that may hold `portico.toml`.
        environ: the environment variables, those with the prefix `PORTICO_` win over the file.

    Raises:
        ConfigError: a key that does not exist, or a value of the wrong type.
    """
    path = root / "portico.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: {error}. Mend the TOML there.") from None
    _refuse_unknown(tables)
    _apply(tables, environ)
    try:
        return msgspec.convert(tables, Config, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path.name} or a PORTICO_* variable: {error}. See docs/reference/settings.md.") from None


def _decode(kind: type, value: object) -> object:
    """Types that msgspec does not know."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError


def _refuse_unknown(tables: Mapping[str, Any]) -> None:
    known = {table.name: table for table in dataclasses.fields(Config)}
    for name, table in tables.items():
        if name not in known or not isinstance(table, dict):
            raise ConfigError(f"portico.toml: there is no table [{name}]. The tables are: {', '.join(known)}.")
        keys = [key.name for key in _keys(known[name])]
        for key in table:
            if key not in keys:
                raise ConfigError(f"portico.toml: [{name}] has no key {key!r}. It has: {', '.join(keys)}.")


def _keys(table: dataclasses.Field[Any]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(TABLES[table.name])


def _apply(tables: dict[str, Any], environ: Mapping[str, str]) -> None:
    for table in dataclasses.fields(Config):
        for key in _keys(table):
            value = environ.get(f"PORTICO_{table.name}_{key.name}".upper())
            if value is not None and "dict" not in str(key.type):
                is_list = "tuple" in str(key.type)
                parts = [part.strip() for part in value.split(",") if part.strip()]
                tables.setdefault(table.name, {})[key.name] = parts if is_list else value
