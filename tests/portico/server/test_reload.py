"""--reload: what is broken is told and not served, what is mended is served, and no request notices."""

from __future__ import annotations

from typing import Any

import pytest


def says(serving: Any) -> str:
    return str(serving.get("/shop/v1/ping").json()["says"])


def test_a_changed_handler_is_served_and_no_request_fails(shop: Any, serve: Any, load: Any, wait: Any) -> None:
    serving = serve("--reload").ready()
    with load(serving.url, "/shop/v1/ping", clients=4) as clients:
        for text in (
            "two",
            "six",
            "ten",
        ):  # of one length: a compiled file is told from its source by that and by seconds
            shop.say(text)
            wait(lambda text=text: says(serving) == text)
        clients.more(50)
    assert clients.failures == []
    assert {answer.status_code for answer in clients.answers} == {200}
    assert serving.stop() == 0


@pytest.mark.parametrize("broken", ["def ping(:\n", "import no_such_module\n", "raise SystemExit(5)\n", "1/0\n"])
def test_a_broken_handler_keeps_the_version_before(shop: Any, serve: Any, wait: Any, broken: str) -> None:
    serving = serve("--reload").ready()
    shop.handlers.write_text(broken)
    serving.told("The version before is still served")
    answer = serving.get("/shop/v1/ping")
    assert answer.json()["says"] == "one"
    assert answer.headers["portico-reload"].startswith("failed")
    shop.say("mended")
    wait(lambda: says(serving) == "mended")
    # The version before may answer once more while it retires.
    wait(lambda: "portico-reload" not in serving.get("/shop/v1/ping").headers)
    assert serving.stop() == 0


def test_a_broken_document_keeps_the_version_before_and_is_told_with_its_place(
    shop: Any, serve: Any, load: Any, wait: Any
) -> None:
    serving = serve("--reload").ready()
    document = shop.spec.read_text()
    with load(serving.url, "/shop/v1/ping", clients=2) as clients:
        shop.spec.write_text(document.replace("paths:", "paths: ["))
        serving.told("The version before is still served")
        shop.spec.write_text(document.replace("/ping:", "/pong:"))
        wait(lambda: serving.get("/shop/v1/pong").status_code == 200)
    assert "specs/shop.yaml" in "".join(serving.errors)
    assert clients.failures == []
    assert serving.stop() == 0


def test_a_document_that_is_broken_from_the_start_is_served_once_it_is_mended(shop: Any, serve: Any) -> None:
    document = shop.spec.read_text()
    shop.spec.write_text("openapi: [")
    serving = serve("--reload")
    serving.told("Nothing is served yet")
    shop.spec.write_text(document)
    assert says(serving.ready()) == "one"
    assert serving.stop() == 0


def test_the_configuration_is_watched(shop: Any, serve: Any, wait: Any) -> None:
    serving = serve("--reload").ready()
    assert (
        "access-control-allow-origin"
        not in serving.get("/shop/v1/ping", headers={"Origin": "https://a.example"}).headers
    )
    toml = shop.root / "portico.toml"
    toml.write_text(toml.read_text() + '[cors]\nallow_origins = ["https://a.example"]\n')
    wait(
        lambda: serving.get("/shop/v1/ping", headers={"Origin": "https://a.example"}).headers.get(
            "access-control-allow-origin"
        )
    )
    assert serving.stop() == 0


def test_a_file_that_the_document_refers_to_is_watched(shop: Any, serve: Any, wait: Any) -> None:
    (shop.root / "shared").mkdir()
    schema = shop.root / "shared" / "answer.json"
    schema.write_text('{"type": "object", "description": "first"}')
    shop.spec.write_text(
        shop.spec.read_text().replace(
            "{schema: {type: object, properties: {says: {type: string}}}}",
            "{schema: {$ref: ../shared/answer.json}}",
        )
    )
    serving = serve("--reload").ready()
    assert "first" in serving.get("/specs/shop.json").text
    schema.write_text('{"type": "object", "description": "second"}')
    wait(lambda: "second" in serving.get("/specs/shop.json").text)
    assert serving.stop() == 0


def test_what_a_handler_writes_beside_itself_is_no_change(shop: Any, serve: Any, wait: Any) -> None:
    serving = serve("--reload").ready()
    (shop.root / "handlers" / "orders.db").write_text("x")
    (shop.root / "handlers" / ".shop.py.swp").write_text("x")
    (shop.root / "static_site" / "index.html").write_text("changed")
    assert serving.get("/").text == "changed"  # the site needs no reload
    shop.say("two")
    wait(lambda: says(serving) == "two")
    serving.told("reloaded")
    assert sum("reloaded" in line for line in serving.errors) == 1
    assert serving.stop() == 0


def test_metrics_go_on_counting_over_a_reload(shop: Any, serve: Any, wait: Any) -> None:
    serving = serve("--reload").ready()
    for _ in range(5):
        serving.get("/shop/v1/slow?seconds=0")
    shop.say("two")
    wait(lambda: says(serving) == "two")
    wait(lambda: 'operation="slow",status="200"} 5.0' in serving.get("/metrics").text)
    assert serving.stop() == 0
