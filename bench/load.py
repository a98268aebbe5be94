"""Load by wrk from the other core; a run whose answers do not all have the expected status is void."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.process import LOAD_CORE, Process

CONNECTIONS = 32
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Void(RuntimeError):
    """What was measured were errors, so there is no result."""


@dataclass(frozen=True)
class Request:
    """What is sent, and what must come back."""

    method: str
    path: str
    status: int
    contains: bytes = b""  # a part of every right answer
    body: bytes = b""
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**headers, "Content-Type": "application/json"} if self.body else headers

    def script(self, seconds: int, folder: Path) -> str:
        """The request as a wrk script: made once, so that wrk itself stays cheap.

        Args:
            seconds: of load.
            folder: where a file may lie that the script reads.
        """
        lines = [f'wrk.method = "{self.method}"']
        lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in self.headers.items()]
        lines += [f"wrk.body = {json.dumps(self.body.decode())}"] if self.body else []
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Sample:
    """One run of one case against one server."""

    rate: float  # requests per second
    p50: float  # milliseconds
    p99: float  # milliseconds
    cpu: float  # microseconds of the server's processor time per request: steadier than the rate on a busy machine


def probe(server: Process, request: Request) -> None:
    """Send one request and look at the whole answer.

    Raises:
        Void: it is not what the case expects.
    """
    import httpx

    url = f"http://127.0.0.1:{server.port}{request.path}"
    answer = httpx.request(request.method, url, headers=request.headers, content=request.body or None, timeout=30)
    if answer.status_code != request.status or request.contains not in answer.content:
        raise Void(
            f"{request.method} {request.path}: expected {request.status}, got {answer.status_code} {answer.text}"
        )


def run(server: Process, request: Request, seconds: int, folder: Path) -> Sample:
    """Put load on a server for a while.

    Raises:
        Void: a connection failed, or an answer did not have the expected status.
    """
    probe(server, request)
    script = folder / "request.lua"
    script.write_text(request.script(seconds, folder))
    before = server.cpu_seconds()
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script), f"http://127.0.0.1:{server.port}{request.path}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    cpu = server.cpu_seconds() - before
    probe(server, request)
    return _sample(out, request, cpu)


def _sample(out: str, request: Request, cpu: float) -> Sample:
    total = int(_found(r"(\d+) requests in", out))
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    expected = total if request.status >= 400 else 0
    if "Socket errors" in out or (int(failed[1]) if failed else 0) != expected or not total:
        raise Void(f"{request.method} {request.path}: expected {request.status} everywhere:\n{out}")
    return Sample(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", out)),
        p50=_milliseconds(_found(r"50%\s+([\d.]+\w+)", out)),
        p99=_milliseconds(_found(r"99%\s+([\d.]+\w+)", out)),
        cpu=cpu / total * 1e6,
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise Void(f"wrk said nothing of {pattern}:\n{text}")
    return match[1]


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\D+)", text).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]
