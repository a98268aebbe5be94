"""What can be set for a client, and for one call."""

from __future__ import annotations

import random
import ssl
import time
import webbrowser
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .absent import ABSENT, Absent
from .hooks import Hooks
from .identity import Credentials, Tokens

Token: TypeAlias = str | Callable[[], str] | Callable[[], Awaitable[str]]
Keys: TypeAlias = str | Mapping[str, str]
Signing: TypeAlias = Credentials | Callable[[], Credentials] | Callable[[], Awaitable[Credentials]]


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, and when, a call is tried again."""

    count: int = 2  # after the first attempt
    base: float = 0.5  # seconds: the first pause is a random time up to this, each further one up to twice the last
    cap: float = 8.0  # seconds: no pause is longer
    max_retry_after: float = 60.0  # seconds: a server that asks for a longer pause gets no further attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is different for one call. What is left out is as the client has it."""

    timeout: float | None = None  # seconds for connecting, and between two reads
    deadline: float | None = None  # seconds for the whole call, with its retries
    retries: Retries | int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    auth: str | Absent | None = ABSENT  # the name of a scheme; None: nobody calls
    content_type: str | None = None  # of the body, where the document offers several


@dataclass(slots=True, kw_only=True)
class Settings:
    """Everything that a client was told. Its text form shows no secret, as it shows nothing."""

    base_url: str | None = None
    api_key: Keys | None = None
    access_token: Token | None = None
    tokens: Tokens | None = None
    basic: tuple[str, str] | None = None
    client_id: str | None = None
    client_secret: str | None = None
    scopes: Sequence[str] | None = None
    credentials: Signing | None = None
    role: str | None = None
    region: str | None = None
    token_store: Any = None
    trusted_origins: Sequence[str] = ()
    timeout: float = 30.0
    deadline: float | None = None
    retries: Retries | int = field(default_factory=Retries)
    max_answer: int = 100_000_000  # bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    user_agent: str | None = None
    hooks: Hooks = field(default_factory=Hooks)
    transport: Any = None
    ssl_context: ssl.SSLContext | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Any] | None = None
    random: Callable[[], float] = random.random
    browser: Callable[[str], bool] = webbrowser.open

    def __repr__(self) -> str:
        return "Settings()"


def as_retries(given: Retries | int) -> Retries:
    """Retries, where only their count may be given.

    Args:
        given: either of the two.
    """
    return Retries(count=given) if isinstance(given, int) else given
