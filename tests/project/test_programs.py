"""A program signs somebody in to the reference project, and calls it with signed requests: what every SDK does."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from tests.project.conftest import PASSWORD

from portico.secret import Secret
from portico.signing import Credentials
from portico.testing import Client
from portico.testing.people import Signature

CALLBACK = "http://127.0.0.1:51004/callback"
VERIFIER = "verifier-that-is-long-enough-to-be-one-0123456789"
CHALLENGE = "ALbsSRuR1pUstswqleYhF0GsDwvF_Ylke4QF9UIkCOw"


def metadata(project: Client) -> dict[str, Any]:
    found: dict[str, Any] = project.get("/auth/main/.well-known/openid-configuration").json()
    return found


def send(project: Client, page: httpx2.Response, form: dict[str, str]) -> httpx2.Response:
    """Fill in the form of a page, and send it."""
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    return project.post(str(page.url), data={"csrf": csrf, **form}, follow_redirects=False)


def follow(project: Client, response: httpx2.Response) -> httpx2.Response:
    """Go where a response leads, up to the next page or the program itself."""
    while response.is_redirect:
        address = urljoin(str(response.url), response.headers["location"])
        if address.startswith(CALLBACK):
            return response
        response = project.get(address, follow_redirects=False)
    return response


def sign_up(project: Client, page: httpx2.Response) -> httpx2.Response:
    """Sign up on the pages, by mail; the answer leads on to where the browser came from."""
    form = {"username": "grace", "email": "grace@example.com", "password": PASSWORD, "attribute-nickname": "Grace"}
    page = follow(project, send(project, page, form))
    return follow(project, send(project, page, {"login": "grace", "code": str(project.mails()[0].code)}))


def test_a_program_signs_in_on_any_port_and_its_credentials_sign_requests(project: Client) -> None:
    found = metadata(project)
    asked = {
        "client_id": "sdk",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "prompt": "create",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    page = follow(project, project.get(found["authorization_endpoint"], params=asked, follow_redirects=False))
    back = sign_up(project, page).headers["location"]
    assert back.startswith(f"{CALLBACK}?")
    form = {
        "client_id": "sdk",
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    answer = project.post(found["token_endpoint"], data=form).json()
    assert answer["scope"] == "openid profile email concierge/chat concierge/orders"
    may_order_with(project, answer["access_token"])


def test_a_program_without_a_browser_is_let_in_by_somebody_who_signs_up_for_it(project: Client) -> None:
    found = metadata(project)
    asked = project.post(found["device_authorization_endpoint"], data={"client_id": "sdk"}).json()
    form = {"client_id": "sdk", "grant_type": found["grant_types_supported"][-1], "device_code": asked["device_code"]}
    assert project.post(found["token_endpoint"], data=form).json()["error"] == "authorization_pending"
    page = follow(project, project.get(asked["verification_uri_complete"], follow_redirects=False))
    page = sign_up(project, project.get(str(page.url).replace("/login?", "/signup?")))
    assert asked["user_code"] in page.text
    assert "Talk to the concierge" in page.text
    send(project, page, {"user_code": asked["user_code"], "decision": "allow"})
    may_order_with(project, project.post(found["token_endpoint"], data=form).json()["access_token"])


def may_order_with(project: Client, token: str) -> None:
    """The token alone talks, and what it is exchanged for signs."""
    bearer = {"Authorization": f"Bearer {token}"}
    exchanged = project.post(metadata(project)["credentials_endpoint"], headers=bearer)
    assert exchanged.status_code == 200, exchanged.text
    given = exchanged.json()
    assert given["Role"] == "visitor"
    credentials = Credentials(given["AccessKeyId"], Secret(given["SecretKey"]), given["SessionToken"])
    assert project.get("/concierge/v1/orders").status_code == 401
    for auth in ({"headers": bearer}, {"auth": Signature(credentials, region="us-east-1", clock=time.time)}):
        orders = project.get("/concierge/v1/orders", **auth)
        assert orders.status_code == 200, orders.text
