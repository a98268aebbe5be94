"""Pages: where the next one is, what goes along, and when there is none."""

from __future__ import annotations

import itertools

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Handler, Server, json_answer
from tests.portico.sdkgen.python.shop import ABSENT, Shop

from portico.sdkgen.python.runtime import errors
from portico.sdkgen.python.runtime.operation import Operation, Pages, Parameter

ORDERS = Operation(
    "orders", "GET", "/users/{id}/orders",
    parameters=(
        Parameter("path", "id", "id", "str", required=True),
        Parameter("header", "X-Tenant", "tenant", "str", required=True),
    ),
    result="any", kind="json", idempotent=True, pages=Pages("link", ()),
)  # fmt: skip
NUMBERED = Operation(
    "numbered", "GET", "/numbered", parameters=(Parameter("query", "page", "page", "int", style="form"),),
    result="any", kind="json", idempotent=True, pages=Pages("page", (), 0),
)  # fmt: skip


def test_a_link_is_relative_to_what_was_sent_and_header_parameters_go_along(server: Server) -> None:
    server.says(json_answer("[1]", Link="<?page=2>; rel=next"), json_answer("[2]"))
    assert list(Shop(server.url).iterate(ORDERS, "a b", "north")) == [1, 2]
    assert [seen.target for seen in server.seen] == ["/v1/users/a%20b/orders", "/v1/users/a%20b/orders?page=2"]
    assert [seen.headers["x-tenant"] for seen in server.seen] == ["north", "north"]


@pytest.mark.parametrize(
    "address", ["http://localhost:{port}/x", "https://127.0.0.1:{port}/x", "//evil.example/x", "ftp://127.0.0.1/x"]
)
def test_a_next_page_of_another_origin_is_unexpected(server: Server, address: str) -> None:
    server.says(json_answer("[1]", Link=f"<{address.format(port=server.server_port)}>; rel=next"))
    found = Shop(server.url).iterate(shop.links)
    assert next(found) == 1
    with pytest.raises(errors.UnexpectedAnswer, match="links"):
        next(found)
    assert len(server.seen) == 1


def test_links_that_go_round_end(server: Server) -> None:
    def other(handler: Handler) -> None:
        letter = "a" if handler.path.endswith("b") else "b"
        handler.answer(200, {"link": f"</v1/links?p={letter}>; rel=next"}, b"[1]")

    server.says(other)
    assert len(list(itertools.islice(Shop(server.url).iterate(shop.links), 50))) == 3


def test_cursors_that_go_round_end(server: Server) -> None:
    def other(handler: Handler) -> None:
        letter = "a" if handler.path.endswith("b") else "b"
        handler.answer(200, {}, b'{"items": [1], "next": "%s"}' % letter.encode())

    server.says(other)
    assert len(list(itertools.islice(Shop(server.url).iterate(shop.pages, "a"), 50))) < 4


def test_a_server_that_knows_no_pages_ends_them(server: Server) -> None:
    server.says(json_answer("[1, 2]"))
    assert list(itertools.islice(Shop(server.url).iterate(NUMBERED, ABSENT), 50)) == [1, 2]
