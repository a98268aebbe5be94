"""What `curl --aws-sigv4` sends over a real socket is accepted."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from tests.portico.signing.listener import Listener, listening
from tests.portico.signing.requests import REGION, RULES, TEMPORARY

from portico.signing import present, verify


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.mark.parametrize(
    "options",
    [
        ["/concierge/v1/products"],
        ["/concierge/v1/products?limit=2"],
        ["/concierge/v1/messages", "--json", '{"text": "two bouquets"}'],
        ["/concierge/v1/orders/42", "-X", "DELETE"],
        ["/concierge/v1/messages", "-H", "x-shop: flowers", "-d", "a=1&b=2"],
    ],
    ids=["GET", "query", "POST JSON", "DELETE", "form"],
)
def test_what_curl_sends_is_accepted(listener: Listener, options: list[str]) -> None:
    curl = shutil.which("curl")
    if (
        curl is None
        or "aws-sigv4" not in subprocess.run([curl, "--help", "all"], capture_output=True, text=True).stdout
    ):
        pytest.skip("there is no curl with --aws-sigv4")
    path, *rest = options
    url = f"http://127.0.0.1:{listener.server_port}{path}"
    user = f"{TEMPORARY.access_key_id}:{TEMPORARY.secret_key.reveal()}"
    token = f"x-amz-security-token: {TEMPORARY.session_token}"
    scope = f"aws:amz:{REGION}:execute-api"
    subprocess.run([curl, "-sS", "--aws-sigv4", scope, "--user", user, "-H", token, url, *rest], check=True)
    received = listener.received[-1]
    presented = present(received)
    assert presented is not None
    assert presented.session_token == TEMPORARY.session_token
    verify(received, presented, TEMPORARY.secret_key, now=presented.date, rules=RULES)
