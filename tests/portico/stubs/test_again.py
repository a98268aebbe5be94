"""Running `portico stubs` again: what a person wrote is not touched."""

from __future__ import annotations

import copy
import stat
from collections.abc import Callable
from typing import Any

import pytest

from portico.errors import HandlerError
from portico.stubs import files

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def longer(shop: dict[str, Any]) -> dict[str, Any]:
    """The shop's document with one operation more, which needs one type more."""
    document = copy.deepcopy(shop)
    document["components"]["schemas"]["Price"] = {"type": "object", "properties": {"amount": {"type": "number"}}}
    answer = {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Price"}}}}
    document["paths"]["/price"] = {"get": {"operationId": "getPrice", "responses": {"200": answer}}}
    return document


PERSON = '''\
#!/usr/bin/env python
"""My shop."""

from __future__ import annotations

import os  # for the environment
from typing import Literal as Lit

from portico import Context, NotWritten

from .shop_types import Line, Order  # mine
from .stock import take

ODD   = { 'spacing' :os.sep }


async def place_order(body: Order, ctx: Context, *, dry_run: bool = False) -> tuple[Order, Lit[201]]:
    """Not what the document says."""
    take(body)
    return body, 201


def get_order(order_id, status=None):  return ODD[order_id]

# the end'''


def test_new_operations_are_appended_and_the_rest_stays_byte_for_byte(
    project: Any, shop: dict[str, Any], longer: dict[str, Any]
) -> None:
    project.generate(shop)
    project.write(PERSON)
    report = project.generate(longer)
    text = project.text()
    assert [one.function for one in report.appended] == ["get_price"]
    assert text.startswith(PERSON.replace("# mine\n", "# mine\nfrom .shop_types import Price\n"))
    assert text.count("async def get_price() -> Price:") == 1
    (project.handlers / "stock.py").write_text("def take(order): ...\n")
    assert report.changed == ()
    again = project.text()
    assert project.generate(longer).quiet
    assert project.text() == again


def test_an_import_that_nobody_changed_gets_the_new_name(
    project: Any, shop: dict[str, Any], longer: dict[str, Any]
) -> None:
    project.generate(shop)
    before = project.text()
    project.generate(longer)
    expected = before.replace("from .shop_types import Order\n", "from .shop_types import Order, Price\n")
    assert project.text().startswith(expected)
    assert project.lint() == ""


@pytest.mark.parametrize(
    "imports",
    [
        "",
        "import portico\n",
        "from portico import NotWritten as Later\n",
        "from portico.errors import NotWritten\n",
        "from .shop_types import *\n",
        "from . import shop_types\n",
        "from .shop_types import (\n    Line,  # first\n    Order,\n)\n",
        "from .shop_types import Order as Price\n",
        "import typing; import os\n",
        "if True:\n    from .shop_types import Order\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from .shop_types import Price\n",
        "try:\n    from .shop_types import Price\nexcept ImportError:\n    raise\n",
        "NotWritten = None\n",
        "class Price: ...\n",
        "def list(): ...\n",
    ],
)
async def test_appended_stubs_work_whatever_the_person_imports(
    project: Any, longer: dict[str, Any], imports: str
) -> None:
    longer["paths"]["/price"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Price"},
    }
    written = (
        f"{imports}\n\nasync def place_order(body):\n    return 1\n\n\nasync def get_order(order_id):\n    return 2\n"
    )
    project.write(written)
    project.generate(longer)
    module = project.load()
    assert await module.place_order({}) == 1
    hint = str(module.get_price.__annotations__["return"])
    assert hint == "list[handlers.shop_types.Price]"
    with pytest.raises(Exception, match=r"^$") as caught:
        await module.get_price()
    assert type(caught.value).__name__ == "NotWritten"
    lines = project.text().splitlines()
    assert [line for line in written.splitlines() if line not in lines] == []


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n\n", "\n# comment", "\nX = 1; Y = 2", "\n\x0c\n"])
def test_a_file_may_end_as_it_likes(project: Any, longer: dict[str, Any], end: str) -> None:
    written = f"async def place_order(body): ...{end}"
    project.write(written)
    project.generate(longer)
    assert written in project.text()
    assert callable(project.load().get_price)


def test_windows_line_ends_and_a_byte_order_mark_stay(project: Any, longer: dict[str, Any]) -> None:
    project.write('\ufeff"""Mine."""\r\nfrom .shop_types import Order\r\n\r\nX = "\u2028"\r\n')
    project.generate(longer)
    raw = (project.handlers / "shop.py").read_bytes()
    assert raw.startswith(b'\xef\xbb\xbf"""Mine."""\r\n')
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert callable(project.load().get_price)


def test_a_changed_signature_is_shown_as_a_diff_and_left_alone(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    before = project.text()
    operation = shop["paths"]["/orders/{orderId}"]["get"]
    operation["parameters"] += [{"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}]
    report = project.generate(shop)
    (change,) = report.changed
    assert project.text() == before
    assert (change.file, change.line, change.function, change.operation) == (
        "handlers/shop.py",
        34,
        "get_order",
        "getOrder",
    )
    assert change.faults == ("it does not take page (required in the query): add it, or `**others`.",)
    assert change.diff.splitlines() == [
        "--- handlers/shop.py: get_order as it is",
        "+++ handlers/shop.py: get_order as specs/shop.json wants it",
        "@@ -1,5 +1,6 @@",
        " async def get_order(",
        "     order_id: str,",
        "+    page: int,",
        "     *,",
        '     status: Literal["open", "done"] | None = None,',
        " ) -> Order:",
    ]
    assert not report.fits
    assert "changed   handlers/shop.py:34: get_order" in str(report)


def test_the_diff_keeps_what_is_the_persons_own(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    project.write(
        "@decorated\ndef get_order(identity, user, token_info=None, *, status=None, fast: bool = True, **rest):\n"
        "    # why\n    return 1\n\n\nasync def place_order(body, **rest): ...\n"
    )
    (change,) = project.generate(shop).changed
    assert [line for line in change.diff.splitlines() if line.startswith(("+", "-"))][2:] == [
        "-def get_order(identity, user, token_info=None, *, status=None, fast: bool = True, **rest):",
        "-    # why",
        "+def get_order(",
        "+    order_id: str,",
        "+    *,",
        '+    status: Literal["open", "done"] | None = None,',
        "+    user,",
        "+    token_info = None,",
        "+    fast: bool = True,",
        "+    **rest,",
        "+) -> Order:",
    ]


def test_wider_types_and_fewer_annotations_are_the_persons_to_choose(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    project.write(
        "import typing as t\nfrom . import shop_types as types\nfrom .shop_types import Order\n"
        "async def place_order(body: 'types.Order', dry_run: t.Optional[bool] = None) -> t.Any: ...\n"
        "async def get_order(order_id: str | int, status: t.Literal['open', 'done'] | None = None)"
        " -> Order | tuple[dict[str, str], int]: ...\n"
    )
    assert project.generate(shop).changed == ()


def test_a_stub_whose_operation_is_gone_is_named(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    project.write(project.text() + "\n\ndef helper():\n    '''Not a stub.'''\n")
    before = project.text()
    del shop["paths"]["/orders"]
    report = project.generate(shop)
    assert [(one.function, one.line) for one in report.removed] == [("place_order", 10)]
    assert "place_order answers no operation any more" in str(report)
    assert project.text() == before


def test_a_syntax_error_is_a_finding_with_its_line(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    broken = project.text() + "\n\nasync def oops(:\n"
    project.write(broken)
    report = project.generate(shop)
    (finding,) = report.findings
    assert (finding.file, finding.line, finding.rule) == (
        "handlers/shop.py",
        broken.count("\n"),
        "handlers-unreadable",
    )
    assert not report.fits
    assert project.text() == broken


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"x = '\xe9'", b"a\x00b", b"# coding: nonsense\n", b"(" * 5_000])
def test_files_that_are_no_python_are_findings(project: Any, shop: dict[str, Any], raw: bytes) -> None:
    project.handlers.mkdir()
    (project.handlers / "shop.py").write_bytes(raw)
    (finding,) = project.generate(shop).findings
    assert finding.rule == "handlers-unreadable"
    assert (project.handlers / "shop.py").read_bytes() == raw
    assert [one.rule for one in project.drift(shop)] == ["handlers-unreadable"]


def test_types_that_a_person_wrote_are_not_replaced(project: Any, shop: dict[str, Any]) -> None:
    project.write("class Order: ...\n", "shop_types.py")
    (finding,) = project.generate(shop).findings
    assert finding.rule == "types-not-generated"
    assert project.text("shop_types.py") == "class Order: ...\n"


def test_a_link_out_of_the_folder_is_not_followed(project: Any, shop: dict[str, Any]) -> None:
    outside = project.root / "bashrc"
    outside.write_text("x = 1\n")
    project.handlers.mkdir()
    (project.handlers / "shop.py").symlink_to(outside)
    (finding,) = project.generate(shop).findings
    assert finding.rule == "handlers-not-writable"
    assert outside.read_text() == "x = 1\n"


def test_a_file_that_changes_meanwhile_is_not_overwritten(project: Any) -> None:
    path = project.root / "shop.py"
    path.write_bytes(b"new")
    with pytest.raises(HandlerError, match="was changed"):
        files.write(path, b"ours", before=b"old")
    assert path.read_bytes() == b"new"
    assert [one.name for one in project.root.iterdir()] == ["shop.py"]


def test_permissions_stay(project: Any, shop: dict[str, Any], longer: dict[str, Any]) -> None:
    project.generate(shop)
    (project.handlers / "shop.py").chmod(0o640)
    project.generate(longer)
    assert stat.S_IMODE((project.handlers / "shop.py").stat().st_mode) == 0o640


def test_only_types_that_changed_are_written(project: Any, shop: dict[str, Any]) -> None:
    project.generate(shop)
    shop["components"]["schemas"]["Line"]["properties"]["count"] = {"type": "integer"}
    assert project.generate(shop).updated == ("handlers/shop_types.py",)
    assert "    count: NotRequired[int]\n" in project.text("shop_types.py")
