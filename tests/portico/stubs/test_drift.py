"""Handlers that no longer fit their document are found, in their text and as functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from portico.design import Severity
from portico.stubs import signature_faults

Make = Callable[..., dict[str, Any]]

OPERATION = {
    "operationId": "buy",
    "parameters": [
        {"name": "shopId", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "count", "in": "query", "required": True, "schema": {"type": "integer"}},
        {"name": "note", "in": "query", "schema": {"type": "string"}},
        {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}},
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
}


@pytest.fixture
def document(openapi: Make) -> dict[str, Any]:
    return openapi({"post /{shopId}": OPERATION})


FITTING = [
    "async def buy(shop_id, count, body): ...",
    "def buy(*, shop_id, count, body, note, x_trace): ...",
    "def buy(**everything): ...",
    "def buy(shop_id, count, body, ctx, context_, user, token_info): ...",
    "def buy(shop_id, count, body, mine=None, *args): ...",
    "class Buyer:\n    def buy(self): ...\nbuy = Buyer().buy",
    "from functools import partial as buy",
    "from .impl import buy",
    "from .impl import *",
    "import os as buy",
    "buy: object = None",
    "first, (buy, *rest) = 1, (2, 3)",
    "if True:\n    async def buy(shop_id, count, body): ...",
    "try:\n    from .fast import buy\nexcept ImportError:\n    async def buy(shop_id, count, body): ...",
    "def buy(): ...\nfrom .impl import buy",
    "@wraps\nasync def buy(shop_id, count, body): ...",
]


@pytest.mark.parametrize("text", FITTING)
def test_a_handler_that_can_be_called_has_not_drifted(project: Any, document: dict[str, Any], text: str) -> None:
    project.write(text)
    assert project.drift(document) == []


DRIFTED = [
    (
        "def buy(shop_id, count, body, price): ...",
        "buy does not fit buy: it requires price, which the document does not provide "
        "(shop_id, count, note, x_trace, body).",
        "Remove it, or give it a default.",
    ),
    (
        "def buy(count, body): ...",
        "buy does not fit buy: it does not take shop_id (`shopId`, required in the path).",
        "Add it, or `**others`.",
    ),
    (
        "def buy(shop_id, body): ...",
        "buy does not fit buy: it does not take count (required in the query).",
        "Add it, or `**others`.",
    ),
    (
        "def buy(shop_id, count): ...",
        "buy does not fit buy: it does not take body (the required body).",
        "Add it, or `**others`.",
    ),
    (
        "def buy(shop_id, /, count, body): ...",
        "buy does not fit buy: shop_id is positional-only, but handlers are called by name.",
        "Remove the `/`.",
    ),
    (
        "async def sell(): ...",
        "There is no function buy for buy (POST /{shopId}).",
        "Run `portico stubs`, which writes what is missing.",
    ),
    (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .impl import buy",
        "There is no function buy for buy (POST /{shopId}).",
        "Run `portico stubs`, which writes what is missing.",
    ),
    (
        "def other():\n    def buy(): ...",
        "There is no function buy for buy (POST /{shopId}).",
        "Run `portico stubs`, which writes what is missing.",
    ),
]


@pytest.mark.parametrize(("text", "message", "mend"), DRIFTED)
def test_drift_says_what_is_wrong_and_how_to_mend_it(
    project: Any, document: dict[str, Any], text: str, message: str, mend: str
) -> None:
    project.write(f"\n  \n{text}")
    (finding,) = project.drift(document)
    assert (finding.file, finding.message, finding.mend) == ("handlers/shop.py", message, mend)
    assert finding.severity is Severity.ERROR
    assert finding.pointer == "/paths/~1{shopId}/post"


def test_drift_points_at_the_function(project: Any, document: dict[str, Any]) -> None:
    project.write("X = 1\n\n\nif X:\n    def buy(shop_id, count, body, price): ...\n")
    (finding,) = project.drift(document)
    assert (finding.line, finding.column, finding.rule) == (5, 5, "handler-drift")


def test_a_project_without_stubs_gets_one_finding_a_file(project: Any, openapi: Make) -> None:
    (finding,) = project.drift(openapi({f"get /{n}": {"operationId": f"op{n}"} for n in range(50)}))
    assert finding.message == "The file is not there, so 50 operations of specs/shop.json cannot be answered."
    assert finding.rule == "missing-handler"


def test_stale_types_are_a_warning_until_they_are_written_again(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    assert project.drift(shop) == []
    shop["components"]["schemas"]["Line"]["required"] = []
    (finding,) = project.drift(shop)
    assert (finding.file, finding.rule, finding.severity) == ("handlers/shop_types.py", "stale-types", Severity.WARNING)
    project.generate(shop)
    assert project.drift(shop) == []


def test_looking_for_drift_runs_and_writes_nothing(project: Any, document: dict[str, Any]) -> None:
    project.write("raise SystemExit('run')\nasync def buy(shop_id, count, body): ...\n")
    before = sorted(project.root.rglob("*"))
    project.drift(document)
    assert [path for path in sorted(project.root.rglob("*")) if path not in before and "specs" not in str(path)] == []


def test_a_method_that_the_document_names_is_compared_without_self(project: Any, openapi: Make) -> None:
    operation = {**OPERATION, "operationId": "handlers.views.Shop.buy"}
    project.write("class Shop:\n    @classmethod\n    def buy(cls, shop_id, count): ...\n", "views.py")
    (finding,) = project.drift(openapi({"post /{shopId}": operation}))
    assert "does not take body" in finding.message


@pytest.mark.parametrize("text", [text for text in FITTING if "import" not in text and "wraps" not in text])
def test_the_function_itself_is_judged_as_its_text(project: Any, document: dict[str, Any], text: str) -> None:
    operation = project.api(document).operations[0]
    project.write("", "__init__.py")
    project.write(text)
    function = project.load().buy
    if callable(function) and "Buyer" not in text:
        assert signature_faults(function, operation, True) == []


@pytest.mark.parametrize(("text", "message", "mend"), [case for case in DRIFTED if "fit" in case[1]])
def test_the_function_itself_has_the_faults_of_its_text(
    project: Any, document: dict[str, Any], text: str, message: str, mend: str
) -> None:
    operation = project.api(document).operations[0]
    project.write("", "__init__.py")
    project.write(text)
    (fault,) = signature_faults(project.load().buy, operation, True)
    assert f"buy does not fit buy: {fault}".lower() == f"{message[:-1]}: {mend}".lower()


def test_decorators_are_looked_through_and_code_for_connexion_is_judged_leniently(
    project: Any, document: dict[str, Any]
) -> None:
    operation = project.api(document).operations[0]

    def inner(shop_id: str) -> None: ...

    @functools.wraps(inner)
    def outer(*args: object, **kwargs: object) -> None: ...

    assert len(signature_faults(outer, operation, True)) == 2
    assert signature_faults(outer, operation, True, lenient=True) == []
    assert signature_faults(functools.partial(inner, shop_id="x"), operation, True, lenient=True) == []
    assert signature_faults(dict, operation, True) == []
