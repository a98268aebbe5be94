"""What the usual JavaScript signers send is accepted: aws4fetch, aws4 and the AWS SDK's own (@smithy/signature-v4)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.portico.signing.requests import KEY, NOW, REGION, TEMPORARY, accept, arrived

from portico.signing import Credentials

ORIGIN = "https://shop.example:8443"
JSON = {"content-type": "application/json"}
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "a plain GET": {"method": "GET", "path": "/concierge/v1/products"},
    "a POST with JSON": {"method": "POST", "path": "/concierge/v1/messages", "headers": JSON, "body": '{"text":"Hé"}'},
    "a DELETE without a body": {"method": "DELETE", "path": "/concierge/v1/orders/42"},
    "blanks and unicode in the path": {"method": "GET", "path": "/a%20b/%C3%A9/caf%C3%A9"},
    "characters that need encoding twice": {"method": "GET", "path": "/a(b)'c/x:y@z/~tilde/1+1=2,3;4"},
    "an unsorted query": {"method": "GET", "path": "/list?b=2&a=1&c=3&B=4"},
    "empty and missing values": {"method": "GET", "path": "/list?flag&empty=&x=1"},
    "values with blanks and signs": {"method": "GET", "path": "/list?q=a%20b%2Bc%26d%3De&%C3%A9=%E1%88%B4"},
    "a plus that means a blank": {"method": "GET", "path": "/list?q=red+roses"},
    "a header with several blanks": {"method": "GET", "path": "/list", "headers": {"x-shop": "a   b  c"}},
    "presigned": {"method": "GET", "path": "/list?b=2&a=1%202", "presign": 900},
}


@pytest.fixture(scope="module", params=["key", "temporary"])
def credentials(request: pytest.FixtureRequest) -> Credentials:
    return KEY if request.param == "key" else TEMPORARY


@pytest.fixture(scope="module")
def signed(credentials: Credentials, node_packages: Path) -> dict[str, dict[str, Any]]:
    requests = [{"headers": {}, **one, "url": ORIGIN + one["path"]} for one in REQUESTS.values()]
    script = (Path(__file__).parent / "signers.cjs").read_text()
    (node_packages / "signers.cjs").write_text(script)
    given = {
        "credentials": {
            "id": credentials.access_key_id,
            "secret": credentials.secret_key.reveal(),
            "token": credentials.session_token,
        },
        "region": REGION,
        "service": "execute-api",
        "now": NOW,
        "requests": requests,
    }
    run = subprocess.run(
        ["node", "signers.cjs"], cwd=node_packages, input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return {name: dict(zip(REQUESTS, made, strict=True)) for name, made in json.loads(run.stdout).items()}


@pytest.mark.parametrize("signer", ["aws4fetch", "aws4", "smithy"])
@pytest.mark.parametrize("name", REQUESTS)
def test_what_a_javascript_signer_sends_is_accepted(
    signed: dict[str, dict[str, Any]], credentials: Credentials, signer: str, name: str
) -> None:
    one = signed[signer][name]
    headers = {header: str(value) for header, value in one["headers"].items()}
    accept(arrived(one["method"], one["url"], headers, (one.get("body") or "").encode()), credentials)
