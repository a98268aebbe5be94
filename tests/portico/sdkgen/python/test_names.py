"""Names are those of Python, and never those that the generated code needs itself."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portico.sdkgen.hostile import TEXTS

from portico.sdkgen.names import Names
from portico.sdkgen.plan import Field, Operation, Parameter, Record, Scalar, Sdk
from portico.sdkgen.python.names import Package, name_all
from portico.sdkgen.untrusted import Untrusted

TEXT = Scalar("string")


def sdk(*, key: str = "shop", operations: list[str] | None = None, fields: list[str] | None = None) -> Sdk:
    nothing = Untrusted("")
    record = Record(
        "R", Untrusted("R"), tuple(Field(Untrusted(name), TEXT, True) for name in fields or ()), None, nothing
    )
    made = tuple(
        Operation(
            f"GET /{index}", Untrusted(name), "GET", Untrusted("/"), parameters(fields or []), None, (), None, "none",
            (), nothing, nothing, False, True, None, None, None, False, False, False,
        )
        for index, name in enumerate(operations or [])
    )  # fmt: skip
    return Sdk(key, Untrusted(key), nothing, nothing, "1.0.0", nothing, nothing, None, (record,), made, (), ())


def parameters(names: list[str]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            f"query:{name}",
            Untrusted(name),
            "query",
            TEXT,
            False,
            "form",
            True,
            False,
            False,
            None,
            False,
            Untrusted(""),
        )
        for name in dict.fromkeys(names)
    )


def named(**parts: list[str]) -> Package:
    return name_all(sdk(**parts), Names())  # type: ignore[arg-type]


def test_names_are_in_snake_case() -> None:
    found = named(fields=["productId", "product-name", "URL", "type", "id"], operations=["placeOrder", "orders.list"])
    assert set(found.fields["R"].values()) == {"url", "id", "product_name", "product_id", "type"}
    assert list(found.methods.values()) == ["place_order", "orders_list"]


@pytest.mark.parametrize("name", ["class", "from", "self", "str", "list", "additional", "toDict", "replace", "models"])
def test_a_property_is_never_called_as_something_that_is_needed(name: str) -> None:
    (found,) = named(fields=[name]).fields["R"].values()
    assert found.endswith("_")


@pytest.mark.parametrize("name", ["login", "raw", "close", "import", "list", "Self", "operations"])
def test_a_method_is_never_called_as_one_of_the_client(name: str) -> None:
    (found,) = named(operations=[name]).methods.values()
    assert found.endswith("_")


def test_names_that_meet_are_numbered_in_the_same_way_every_time() -> None:
    first, again = named(fields=["a-b", "a_b", "aB"]), named(fields=["aB", "a_b", "a-b"])
    assert first.fields == again.fields
    assert sorted(first.fields["R"].values()) == ["a_b", "a_b_2", "a_b_3"]


def test_arguments_leave_room_for_options_and_the_body() -> None:
    found = named(fields=["options", "body", "timeout"], operations=["x"]).arguments["GET /0"]
    assert found == {"query:body": "body_", "query:options": "options_", "query:timeout": "timeout"}


@given(st.lists(st.text(max_size=30) | st.sampled_from(TEXTS), max_size=8, unique=True))
def test_any_text_gives_names_that_python_takes_and_tells_apart(texts: list[str]) -> None:
    found = named(fields=texts, operations=texts)
    for names in (found.fields["R"], found.methods, *found.arguments.values()):
        assert len(set(names.values())) == len(names)
        for name in names.values():
            assert name.isidentifier()
            assert not keyword.iskeyword(name)
            assert not name.startswith("__")
            assert unicodedata.normalize("NFKC", name) == name


@pytest.mark.parametrize(
    ("key", "project", "module", "client"),
    [
        ("concierge", "concierge", "concierge", "Concierge"),
        ("My Shop.v2", "my-shop-v2", "my_shop_v2", "MyShopV2"),
        ("json", "json", "json_api", "Json"),
        ("class", "class", "class_api", "Class"),
        ("2fa", "2fa", "api_2fa", "Api2Fa"),
        ("options", "options", "options", "OptionsClient"),
        ("日本", "api", "api", "ApiClient"),
    ],
)
def test_a_package_is_called_after_its_document(key: str, project: str, module: str, client: str) -> None:
    found = name_all(sdk(key=key), Names())
    assert (found.project, found.module, found.client) == (project, module, client)


@pytest.mark.parametrize("key", ["client", "any", "mapping", "iterator", "decimal", "upload"])
def test_a_client_is_never_called_like_what_its_module_imports(key: str) -> None:
    assert name_all(sdk(key=key), Names()).client == f"{key.capitalize()}Client"


def test_methods_do_not_hide_what_their_module_needs() -> None:
    assert list(named(operations=["overload", "annotations"]).methods.values()) == ["overload_", "annotations_"]
