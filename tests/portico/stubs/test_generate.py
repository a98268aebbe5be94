"""`portico stubs` on a new project, in every version of a document."""

from __future__ import annotations

import inspect
import json
import py_compile
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portico import NotWritten, stubs
from portico.design import read

GITHUB = Path(__file__).parents[3] / ".cache/bench/github/package/generated/api.github.com.json"
Make = Callable[..., dict[str, Any]]

SHOP = '''\
"""The operations of specs/shop.json: one function each, found by its name."""

from typing import Literal

from portico import NotWritten

from .shop_types import Order


async def place_order(
    body: Order,
    *,
    dry_run: bool = False,
) -> tuple[Order, Literal[201]]:
    """Place an order.

    Orders what the lines say.

    Twice is twice.

    Args:
        body: the request's body.
        dry_run: `dryRun`, in the query string.

    Answers:
        201: The order.
        422: It cannot be done.

    POST /orders
    """
    raise NotWritten


async def get_order(
    order_id: str,
    *,
    status: Literal["open", "done"] | None = None,
) -> Order:
    """Answer getOrder.

    Args:
        order_id: `orderId`, in the path.
        status: `status`, in the query string.

    Answers:
        200: The order.

    GET /orders/{orderId}
    """
    raise NotWritten
'''

TYPES = '''\
"""The types of specs/shop.json. `portico stubs` writes this file: edit the document instead."""

# ruff: noqa
# fmt: off

from __future__ import annotations

from typing import NotRequired, TypedDict


class Line(TypedDict):
    product: str


class Order(TypedDict):
    """An order, as it was placed."""

    id: NotRequired[str]
    lines: list[Line]
    note: NotRequired[str | None]
'''


def test_a_new_project_gets_a_typed_function_for_each_operation(project: Any, shop: dict[str, Any]) -> None:
    report = project.generate(shop)
    assert project.text() == SHOP
    assert project.text("shop_types.py") == TYPES
    assert report.created == ("handlers/__init__.py", "handlers/shop_types.py", "handlers/shop.py")
    assert [one.function for one in report.appended] == ["place_order", "get_order"]
    assert report.fits


def test_what_is_generated_pleases_linter_formatter_and_type_checker(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    assert project.lint() == ""


async def test_a_stub_can_be_imported_and_is_not_written(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    with pytest.raises(NotWritten):
        await project.load().place_order({"lines": []})


def test_nothing_is_written_when_nothing_is_new(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in project.handlers.iterdir()}
    report = project.generate(shop)
    assert report.quiet
    assert str(report) == "shop: every operation has its function."
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in project.handlers.iterdir()} == before


def test_no_half_written_files_are_left(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    assert sorted(path.name for path in project.handlers.iterdir()) == ["__init__.py", "shop.py", "shop_types.py"]


PETS_20 = {
    "swagger": "2.0",
    "info": {"title": "Pets", "version": "1"},
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "findPets",
                "parameters": [
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                    {"name": "limit", "in": "query", "type": "integer", "default": 20},
                ],
                "responses": {
                    "200": {"description": "", "schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}
                },
            },
            "post": {
                "operationId": "addPet",
                "parameters": [
                    {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
                ],
                "responses": {"201": {"description": "Added."}},
            },
        },
        "/pets/{petId}/photo": {
            "post": {
                "operationId": "uploadPhoto",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "petId", "in": "path", "required": True, "type": "integer"},
                    {"name": "photo", "in": "formData", "type": "file", "required": True},
                    {"name": "caption", "in": "formData", "type": "string"},
                ],
                "responses": {"204": {"description": "Kept."}},
            }
        },
    },
    "definitions": {
        "Pet": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "born": {"type": "string"}},
        }
    },
}


def signatures(module: Any, *names: str) -> list[str]:
    found = [str(inspect.signature(getattr(module, name))) for name in names]
    return [re.sub(r"(handlers\.pets_types|starlette\.datastructures)\.", "", text) for text in found]


def test_swagger_2_forms_are_unpacked_and_files_are_uploads(project: Any) -> None:
    project.generate(PETS_20, "pets")
    assert signatures(project.load("pets"), "find_pets", "add_pet", "upload_photo") == [
        "(*, tags: list[str] | None = None, limit: int = 20) -> list[Pet]",
        "(pet: Pet) -> tuple[None, typing.Literal[201]]",
        "(pet_id: int, photo: UploadFile, *, caption: str | None = None) -> None",
    ]
    assert project.lint() == ""


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_openapi_3_gives_form_bodies_as_one_argument_beside_their_files(project: Any, version: str) -> None:
    form = {
        "type": "object",
        "required": ["title", "photo"],
        "properties": {
            "title": {"type": "string"},
            "photo": {"type": "string", "format": "binary"},
            "more": {"type": "array", "items": {"type": "string", "format": "binary"}},
        },
    }
    operation = {
        "operationId": "upload",
        "parameters": [{"name": "X-Trace", "in": "header", "schema": {"type": "string"}}],
        "requestBody": {"content": {"multipart/form-data": {"schema": form}}},
        "responses": {"200": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    }
    info = {"title": "Pets", "version": "1"}
    project.generate({"openapi": version, "info": info, "paths": {"/x": {"post": operation}}}, "pets")
    assert signatures(project.load("pets"), "upload") == [
        "(photo: UploadFile, *, x_trace: str | None = None, body: UploadBodyForm | None = None, "
        "more: list[UploadFile] | None = None) -> str"
    ]
    assert project.lint() == ""


def test_a_status_that_must_be_said_stands_in_the_answer(project: Any, openapi: Make) -> None:
    json_of = {"application/json": {"schema": {"type": "integer"}}}
    one = {"description": "", "content": json_of}
    project.generate(
        openapi(
            {
                "get /a": {"operationId": "both", "responses": {"200": one, "202": one, "404": one}},
                "get /b": {"operationId": "empty", "responses": {"200": {"description": ""}}},
                "get /c": {"operationId": "ranged", "responses": {"2XX": one}},
                "get /d": {"operationId": "moved", "responses": {"302": {"description": ""}}},
                "get /e": {
                    "operationId": "picture",
                    "responses": {"200": {"description": "", "content": {"image/png": {}}}},
                },
            }
        )
    )
    module = project.load()
    found = [
        module.__dict__[name].__annotations__["return"] for name in ("both", "empty", "ranged", "moved", "picture")
    ]
    assert [str(one).replace("typing.", "") for one in found] == [
        "int | tuple[int, Literal[202]]",
        "tuple[None, Literal[200]]",
        "<class 'int'>",
        "Any",
        "<class 'bytes'>",
    ]


def test_operations_named_like_python_itself_work(project: Any, openapi: Make) -> None:
    names = [
        "list",
        "str",
        "dict",
        "type",
        "import",
        "None",
        "typing",
        "builtins",
        "portico",
        "any",
        "annotations",
        "_",
        "ﬁnd",
        "日本",
    ]
    items = {"type": "array", "items": {"type": "string"}}
    many = {"name": "tags", "in": "query", "schema": items}
    ok = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}
    operations = {
        f"get /{n}": {"operationId": name, "parameters": [many], "responses": ok} for n, name in enumerate(names)
    }
    report = project.generate(openapi(operations))
    assert len(report.appended) == len(names)
    module = project.load()
    assert all(callable(getattr(module, one.function)) for one in report.appended)
    assert project.lint(ignore="N802") == ""


def test_argument_names_follow_connexions_rule(project: Any, openapi: Make) -> None:
    names = ["class", "filter[name]", "$top", "X-Id", "id", "petId"]
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]
    document = openapi({"get /x": {"operationId": "x", "parameters": parameters}})
    project.pythonic = False
    project.generate(document)
    assert list(inspect.signature(project.load().x).parameters) == [
        "filter_name",
        "top",
        "XId",
        "id",
        "petId",
        "others",
    ]
    assert project.lint(ignore="N803") == ""


def test_operations_that_the_document_gives_elsewhere_are_named(project: Any, openapi: Make) -> None:
    (project.root / "views.py").write_text("def search(): ...\n")
    document = openapi(
        {
            "get /a": {"operationId": "views.search"},
            "get /b": {"operationId": "list", "x-openapi-router-controller": "handlers.v1.admin"},
            "get /c": {"operationId": "drive.files.list"},
            "get /d": {"operationId": "system", "x-openapi-router-controller": "os"},
        }
    )
    report = project.generate(document)
    assert [(one.operation, one.target) for one in report.elsewhere] == [("views.search", "views.search")]
    assert [(one.file, one.function) for one in report.appended] == [
        ("handlers/v1/admin.py", "list"),
        ("handlers/shop.py", "drive_files_list"),
        ("handlers/shop.py", "system"),
    ]
    assert "elsewhere views.search: views.search is for you to write" in str(project.generate(document))
    assert callable(project.load("v1.admin").list)
    assert project.drift(document) == []


def test_the_report_is_data_too(project: Any, shop: dict[str, Any]) -> None:
    data = json.loads(json.dumps(project.generate(shop).as_json()))
    assert data["api"] == "shop"
    assert data["appended"][0] == {"file": "handlers/shop.py", "function": "place_order", "operation": "placeOrder"}
    assert data["fits"] is True


@pytest.mark.skipif(not GITHUB.is_file(), reason="make bench fetches GitHub's document")
def test_a_document_of_a_thousand_operations_takes_seconds(project: Any) -> None:
    api = read(GITHUB, root=GITHUB.parent)
    started = time.perf_counter()
    report = stubs.generate(api, project.handlers, pythonic=True)
    assert time.perf_counter() - started < 15
    assert len(report.appended) == len(api.operations)
    for path in project.handlers.glob("*.py"):
        py_compile.compile(str(path), doraise=True)
    assert stubs.generate(api, project.handlers, pythonic=True).quiet
    assert stubs.drift(api, project.handlers, pythonic=True) == []
    project.load("api_github_com")
