"""Every scenario here runs twice: against `connexion.AsyncApp`, and against `portico.gateway.Gateway`.

What stock Connexion does is the expectation; where Portico means to differ, `differences.py` says so.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import connexion
import pytest
from starlette.testclient import TestClient

from portico.gateway import Gateway

Serve = Callable[..., TestClient]
Module = Callable[..., types.ModuleType]


@pytest.fixture(params=["connexion", "portico"])
def app_class(request: pytest.FixtureRequest) -> type[connexion.AsyncApp]:
    """The class that a user writes in `app = connexion.AsyncApp(__name__)`."""
    return {"connexion": connexion.AsyncApp, "portico": Gateway}[request.param]


@pytest.fixture
def is_portico(app_class: type[connexion.AsyncApp]) -> bool:
    """Whether a deliberate difference is expected; used by the scenarios of `differences.py` alone."""
    return app_class is not connexion.AsyncApp


@pytest.fixture
def serve(app_class: type[connexion.AsyncApp]) -> Serve:
    """Serves a document with one handler (or several, by operationId) and gives a client.

    Response validation is off unless a scenario says otherwise: its default is a deliberate difference.
    """

    def serve(document: Any, handlers: Any = None, **options: Any) -> TestClient:
        app = app_class("scenario", **{"validate_responses": False, **options.pop("app", {})})
        if handlers is not None:
            found = handlers if isinstance(handlers, Mapping) else {"handler": handlers}
            options["resolver"] = found.__getitem__
        app.add_api(document, **options)
        return app.test_client()

    return serve


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Module:
    """Makes a module that can be imported by name, for resolvers and security functions."""

    def module(name: str, **members: Any) -> types.ModuleType:
        parent, _, child = name.rpartition(".")
        made = types.ModuleType(name)
        made.__path__ = []  # so that it may have submodules
        for key, member in members.items():
            setattr(made, key, member)
        monkeypatch.setitem(sys.modules, name, made)
        if parent:
            monkeypatch.setattr(
                sys.modules[parent] if parent in sys.modules else module(parent), child, made, raising=False
            )
        return made

    return module


def problem_of(response: Any) -> dict[str, Any]:
    """The members that every problem has, after checking that it is one."""
    assert response.headers["content-type"].split(";")[0] == "application/problem+json"
    found = response.json()
    assert found["status"] == response.status_code
    assert {"type", "title", "detail"} <= set(found)
    return found


@pytest.fixture
def problem() -> Callable[[Any], dict[str, Any]]:
    """Reads a problem document and checks its shape."""
    return problem_of
