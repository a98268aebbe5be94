"""Signed requests for wrk: made before the load, since a signature counts once."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

from bench.load import Request
from portico.signing import Credentials, canonical, keys, sign
from portico.signing.moment import moment

REGION = "us-east-1"
RATE = 45_000  # requests per second for which signatures are made: more than any server here answers

_LUA = """\
local signatures, n = {{}}, 0
for line in io.lines({file}) do signatures[#signatures + 1] = line end
local head, body = {head}, {body}
function request()
  n = n + 1
  return head .. string.format("%016d", n) .. "\\r\\nAuthorization: " .. {prefix} .. signatures[n] .. body
end
"""


@dataclass(frozen=True)
class SignedRequest(Request):
    """A request with a signature of its own each time: a nonce that is signed makes it one."""

    credentials: Credentials | None = None

    @property
    def headers(self) -> dict[str, str]:
        assert self.credentials is not None
        given = {
            "Content-Type": "application/json",
            "x-amz-nonce": hashlib.sha256(str(time.time_ns()).encode()).hexdigest(),
        }
        url = f"http://{self.host}{self.path}"
        return {
            "Host": self.host,
            **sign(self.method, url, given, self.body, self.credentials, region=REGION, now=time.time()),
        }

    host = "bench.example"  # the port is another one in each run

    def script(self, seconds: int, folder: Path) -> str:
        """The script, and beside it a file with a signature for each request."""
        key = self.credentials
        assert key is not None
        when = moment(time.time())
        names = (b"content-type", b"host", b"x-amz-date", b"x-amz-nonce", b"x-amz-security-token")
        values = {
            b"content-type": b"application/json",
            b"host": self.host.encode(),
            b"x-amz-date": when.encode(),
            b"x-amz-security-token": (key.session_token or "").encode(),
        }
        scope = keys.scope(when[:8].encode(), REGION.encode(), b"execute-api")
        signing_key = keys.signing_key(key.secret_key.reveal(), scope)
        payload, signed = hashlib.sha256(self.body).hexdigest().encode(), b";".join(names)
        file = folder / "signatures.txt"
        with file.open("w") as out:
            for number in range(1, RATE * (seconds + 1)):
                values[b"x-amz-nonce"] = b"%016d" % number
                request = canonical.request(
                    self.method, self.path.encode(), b"", canonical.headers(names, values), signed, payload
                )
                out.write(signing_key.signature(keys.string_to_sign(when.encode(), scope, request)) + "\n")
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\nX-Amz-Date: {when}\r\nX-Amz-Security-Token: {key.session_token}\r\n"
            "X-Amz-Nonce: "
        )
        credential = f"{key.access_key_id}/{scope.decode()}"
        prefix = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed.decode()}, Signature="
        return _LUA.format(
            file=json.dumps(str(file)),
            head=json.dumps(head),
            prefix=json.dumps(prefix),
            body=json.dumps("\r\n\r\n" + self.body.decode()),
        )
