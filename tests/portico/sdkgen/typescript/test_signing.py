"""What the runtime signs is what the reference signer signs, with Node's cryptography and with Web Crypto."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from portico import signing
from portico.secret import Secret
from portico.signing import Credentials

NOW = 1_440_938_160  # seconds since the epoch: 2015-08-30 12:36:00
URLS = [
    "https://shop.example/",
    "https://shop.example:8443/a%20b/caf%C3%A9",
    "http://localhost:8000/a(b)'c/x:y@z/~tilde/1+1=2,3;4",
    "http://localhost:8000//a/./b/../c//",
    "http://localhost:8000/list?b=2&a=1&c=3&B=4&a=0",
    "http://localhost:8000/list?flag&empty=&x=1&a-b=1&a=2&a.b=3&=nameless",
    "http://localhost:8000/list?q=a%20b%2Bc%26d%3De&%c3%a9=%E1%88%B4&r=red+roses&s=a/b?c:d",
    "http://localhost:8000/list?bytes=%E9%FF&stray=100%25",
]
BODIES = ["", '{"text":"Hé 🌹"}']
KEYS = [
    Credentials("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")),
    Credentials("ASIAEXAMPLE", Secret("secret"), "a/session+token=="),
]
SCRIPT = """
import { Signer } from "./runtime/sign.js";
const { requests, now } = JSON.parse(process.argv[2]);
const signed = [];
for (const { credentials, unsignedPayload, ...request } of requests) {
  await new Signer("eu-west-1").sign({ ...request, unsignedPayload }, credentials, now);
  signed.push(request.headers);
}
console.log(JSON.stringify(signed));
"""


@pytest.mark.parametrize("cryptography", ["node", "web"])
def test_requests_are_signed_as_the_reference_signs_them(runtime: Path, cryptography: str) -> None:
    cases = [
        (url, body, key, unsigned) for url in URLS for body in BODIES for key in KEYS for unsigned in (False, True)
    ]
    without = "delete process.getBuiltinModule;\n" if cryptography == "web" else ""
    (runtime / "before.cjs").write_text(without)
    (runtime / "sign.mjs").write_text(SCRIPT)
    given = json.dumps({"now": NOW, "requests": [request(*case) for case in cases]})
    command = ["node", "--require", "./before.cjs", "sign.mjs", given]
    made = json.loads(subprocess.run(command, cwd=runtime, capture_output=True, text=True, check=True).stdout)
    assert made == [reference(*case) for case in cases]


def headers() -> dict[str, str]:
    return {"content-type": "application/json", "x-amz-nonce": "a   b  c", "accept": "*/*"}


def request(url: str, body: str, key: Credentials, unsigned: bool) -> dict[str, Any]:
    parts = urlsplit(url)
    credentials = {"accessKeyId": key.access_key_id, "secretAccessKey": key.secret_key.reveal()}
    if key.session_token is not None:
        credentials["sessionToken"] = key.session_token
    return {
        "method": "POST",
        "host": parts.netloc,
        "path": parts.path,
        "query": parts.query,
        "headers": headers(),
        "body": body,
        "credentials": credentials,
        "unsignedPayload": unsigned,
    }


def reference(url: str, body: str, key: Credentials, unsigned: bool) -> dict[str, str]:
    return signing.sign(
        "POST", url, headers(), body.encode(), key, region="eu-west-1", now=NOW, unsigned_payload=unsigned
    )
