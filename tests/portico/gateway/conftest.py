"""A gateway for a scenario: a document, its handlers, a client."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from connexion.resolver import Resolver
from starlette.testclient import TestClient

from portico.config import Config
from portico.gateway import Gateway


@pytest.fixture
def serve() -> Callable[..., TestClient]:
    """Serve a document with handlers by operationId; gives a client."""

    def make(
        doc: Mapping[str, Any],
        handlers: Mapping[str, Callable[..., Any]],
        settings: Config | None = None,
        **options: Any,
    ) -> TestClient:
        gateway = Gateway(__name__, settings=settings, **{k: v for k, v in options.items() if k in GATEWAY})
        rest = {k: v for k, v in options.items() if k not in GATEWAY}
        gateway.add_api(doc, resolver=Resolver(types.SimpleNamespace(**handlers).__getattribute__), **rest)
        return TestClient(gateway, raise_server_exceptions=False)

    return make


GATEWAY = {"mock", "metrics", "access_log", "authority", "middlewares", "lifespan"}
