"""Paths that are no operation's."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from tests.portico.gateway.designs import document, operation

from portico.gateway import Gateway

DOC = document({"/things": {"get": operation("things")}}, servers=[{"url": "/shop/v1"}])


async def things() -> list[str]:
    return []


def client() -> TestClient:
    from connexion.resolver import Resolver

    gateway = Gateway(__name__)
    gateway.add_api(DOC, resolver=Resolver(lambda name: things))
    gateway.mount("/", PlainTextResponse("a page"))
    gateway.mount("/shop/v1/extra", PlainTextResponse("more"))
    return TestClient(gateway)


def test_an_unknown_path_below_an_api_is_a_problem_and_not_a_page_of_the_site() -> None:
    answer = client().get("/shop/v1/tings")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_site_has_every_path_beside_the_apis() -> None:
    assert client().get("/shop/v1x").text == "a page"
    assert client().get("/shop").text == "a page"


def test_an_application_mounted_below_an_api_answers_there() -> None:
    assert client().get("/shop/v1/extra/thing").text == "more"
