"""Which function answers an operation, and with which arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from portico.design.handlers import arguments, handlers, module_name
from portico.design.model import Api, Body, Definitions, Media, Operation, Parameter, Schema

NONE = Definitions({})


def api(*operations: Operation, name: str = "shop") -> Api:
    return Api(name, "Shop", "1", "3.1", "", operations, NONE)


def operation(operation_id: str, *, method: str = "get", path: str = "/x", controller: str | None = None) -> Operation:
    return Operation(operation_id, operation_id, method, path, controller=controller)


def names(folder: Path, *operations: Operation) -> list[tuple[str, str]]:
    return [(handler.module, handler.function) for handler in handlers(api(*operations), folder)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "__init__.py").touch()
    return tmp_path / "handlers"


def test_an_operation_is_answered_by_a_function_of_the_documents_module(folder: Path) -> None:
    assert names(folder, operation("placeOrder")) == [("handlers.shop", "place_order")]


@pytest.mark.parametrize(
    ("document", "module"),
    [
        ("their-shop", "their_shop"),
        ("api.github.com", "api_github_com"),
        ("2", "_2"),
        ("../../etc", "______etc"),
        ("class", "_class"),
        ("__init__", "___init__"),
        ("Shop", "Shop"),
        ("", "_"),
        ("shöp", "sh_p"),
    ],
)
def test_any_document_has_a_module_that_can_be_imported(document: str, module: str) -> None:
    assert module_name(document) == module


def test_ids_that_become_one_name_get_their_method_and_path(folder: Path) -> None:
    first, second = operation("listPets", path="/pets"), operation("list_pets", path="/v2/pets")
    assert names(folder, first, second) == [
        ("handlers.shop", "list_pets_get_pets"),
        ("handlers.shop", "list_pets_get_v_2_pets"),
    ]


def test_a_new_operation_never_takes_the_handler_of_another(folder: Path) -> None:
    old, new = operation("listPets", path="/pets"), operation("ListPets", path="/other")
    assert names(folder, new, old)[1] == names(folder, old, new)[0]
    assert names(folder, old)[0] not in names(folder, new, old)


def test_even_paths_that_become_one_name_are_told_apart(folder: Path) -> None:
    found = names(folder, operation("a-b", path="/a-b"), operation("a_b", path="/a_b"))
    assert len(set(found)) == 2


def test_a_controller_in_the_project_is_followed_as_connexion_does(folder: Path) -> None:
    (folder.parent / "views.py").touch()
    found = handlers(api(operation("listPets", controller="views"), operation("views.PetView.search")), folder)
    assert [(one.module, one.function, one.inside) for one in found] == [
        ("views", "listPets", False),
        ("views", "PetView.search", False),
    ]


def test_a_module_of_the_handlers_folder_need_not_exist_yet(folder: Path) -> None:
    (found,) = handlers(api(operation("listPets", controller="handlers.v1.pets")), folder)
    assert (found.module, found.function, found.inside) == ("handlers.v1.pets", "listPets", True)
    assert found.path(folder) == folder / "v1" / "pets.py"


@pytest.mark.parametrize(
    ("operation_id", "controller"),
    [
        ("os.system", None),
        ("system", "os"),
        ("run", "subprocess"),
        ("drive.files.list", None),
        ("handlers.__init__.x", None),
        ("handlers.shop.__class__", None),
        ("..x", None),
        ("listPets", "../../tmp"),
        ("listPets", "handlers..x"),
    ],
)
def test_a_document_cannot_name_code_that_is_not_the_projects(
    folder: Path, operation_id: str, controller: str | None
) -> None:
    (found,) = handlers(api(operation(operation_id, controller=controller)), folder)
    assert found.module == "handlers.shop"
    assert found.function.isidentifier()


def test_values_of_one_name_do_not_hide_each_other() -> None:
    text = Schema({"type": "string"}, NONE)
    found = arguments(
        Operation(
            "x",
            "x",
            "post",
            "/{id}",
            (Parameter("id", "query", text), Parameter("id", "path", text), Parameter("id", "header", text)),
            Body({"application/json": Media("application/json", text)}, name="id"),
        ),
        pythonic=False,
    )
    assert [(one.name, one.kind) for one in found] == [
        ("id", "path"),
        ("id_query", "query"),
        ("id_header", "header"),
        ("id_body", "body"),
    ]


@pytest.mark.parametrize(("name", "argument"), [("class", "class"), ("123", ""), ("$", ""), ("", "")])
def test_what_python_cannot_name_is_told_so(name: str, argument: str) -> None:
    parameter = Parameter(name, "query", Schema({}, NONE))
    (found,) = arguments(Operation("x", "x", "get", "/", (parameter,)), pythonic=False)
    assert (found.name, found.source, found.nameable) == (argument, name, False)


def test_uploaded_files_are_arguments_of_their_own() -> None:
    schema = Schema(
        {
            "type": "object",
            "required": ["photo"],
            "properties": {
                "title": {"type": "string"},
                "photo": {"type": "string", "format": "binary"},
                "more": {"type": "array", "items": {"contentMediaType": "image/png"}},
            },
        },
        NONE,
    )
    body = Body({"multipart/form-data": Media("multipart/form-data", schema)})
    found = arguments(Operation("x", "x", "post", "/", (), body), pythonic=True)
    assert [(one.name, one.kind, one.required) for one in found] == [
        ("body", "body", False),
        ("photo", "file", True),
        ("more", "file", False),
    ]


def test_form_fields_of_swagger_2_are_arguments() -> None:
    schema = Schema(
        {"type": "object", "required": ["userName"], "properties": {"userName": {}, "age": {"default": 3}}}, NONE
    )
    form = "application/x-www-form-urlencoded"
    body = Body({form: Media(form, schema)}, unpack_form=True)
    found = arguments(Operation("x", "x", "post", "/", (), body), pythonic=True)
    assert [(one.name, one.kind, one.required, one.has_default) for one in found] == [
        ("user_name", "form", True, False),
        ("age", "form", False, True),
    ]
