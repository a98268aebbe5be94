"""Who may read /metrics on the main port: this machine's own callers, told from proxies and from other sites' pages."""

from __future__ import annotations

from typing import Any

import pytest

from portico.server.scrape import from_this_machine


def scope(client: str | None, **headers: str) -> dict[str, Any]:
    fields = {"host": "localhost:8000", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "type": "http",
        "client": None if client is None else (client, 5_000),
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
    }


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:9", "[::1]:8000"])
def test_callers_on_this_machine_may(client: str, host: str) -> None:
    assert from_this_machine(scope(client, host=host))


@pytest.mark.parametrize("client", [None, "", "203.0.113.7", "10.0.0.1", "::ffff:10.0.0.1", "localhost.evil", "unix:"])
def test_callers_elsewhere_may_not(client: str | None) -> None:
    assert not from_this_machine(scope(client))


@pytest.mark.parametrize("header", ["forwarded", "x_forwarded_for", "x_real_ip", "via", "x_forwarded_host"])
def test_what_a_proxy_passed_on_may_not(header: str) -> None:
    assert not from_this_machine(scope("127.0.0.1", **{header: "127.0.0.1"}))


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost:x", ""]
)
def test_a_page_of_another_site_whose_name_leads_here_may_not(host: str) -> None:
    assert not from_this_machine(scope("127.0.0.1", host=host))


def test_a_request_that_names_no_host_or_two_may_not() -> None:
    unnamed = scope("127.0.0.1")
    unnamed["headers"] = []
    twice = scope("127.0.0.1")
    twice["headers"] = [(b"host", b"localhost"), (b"host", b"localhost")]
    assert not from_this_machine(unnamed)
    assert not from_this_machine(twice)


def test_the_refusal_does_not_tell_that_there_is_anything(shop: Any, serve: Any) -> None:
    serving = serve().ready()
    assert serving.get("/metrics").status_code == 200
    refused = serving.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert refused.status_code == 404
    assert serving.get("/metrics", headers={"Host": "evil.example"}).status_code == 404
