"""schemathesis against the running reference project: its requests come from the documents that it publishes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.server import ROOT, Server

APIS = ("messages", "concierge")
PHASES = "examples,coverage,fuzzing"
TIMEOUT = 600.0  # seconds for one API
# The property that every one of these checks stands for is the issue's: no 5xx, answers that fit the document, bad
# data refused, good data taken, methods that are not there refused.
LEFT_OUT = "use_after_free,ensure_resource_availability,object_level_authorization"  # stateful: the phase is not run


@dataclass(frozen=True)
class Failure:
    """An API that does not do what its document says."""

    api: str
    printed: str  # schemathesis' own report, with a curl command for each failure

    def __str__(self) -> str:
        return f"FAILED schemathesis on {self.api}\n{self.printed}"


def run(server: Server, *, seed: int, examples: int) -> list[Failure]:
    """Check every API of the reference project.

    Args:
        server: the running server.
        seed: the same seed makes the same requests.
        examples: for each operation.
    """
    failures = []
    for api in APIS:
        printed, passed = check(server, api, seed=seed, examples=examples)
        print(f"schemathesis on {api}: {'passed' if passed else 'failed'}: {_summary(printed)}", flush=True)
        if not passed:
            failures.append(Failure(api, printed))
    return failures


def check(server: Server, api: str, *, seed: int, examples: int) -> tuple[str, bool]:
    """One run of schemathesis: what it printed, and whether all was well."""
    folder = ROOT / ".cache" / "fuzz" / "schemathesis"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file", str(ROOT / "tests/fuzz/schemathesis.toml"),
        "run", f"http://127.0.0.1:{server.port}/specs/{api}.json",
        "--url", f"http://127.0.0.1:{server.port}{_base_path(server, api)}",
        "--seed", str(seed), "--max-examples", str(examples), "--phases", PHASES, "--checks", "all",
        "--exclude-checks", LEFT_OUT, "--request-timeout", "10", "--no-color", "--continue-on-failure",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, env={**os.environ, "COLUMNS": "120"}
        )
    except subprocess.TimeoutExpired as expired:
        return f"no end within {TIMEOUT:.0f} s\n{expired.stdout!r}", False
    return done.stdout + done.stderr, done.returncode == 0


def _base_path(server: Server, api: str) -> str:
    from portico import design

    root = server.log.parent
    return design.read(root / "specs" / f"{api}.yaml", root=root).base_path


def _summary(printed: str) -> str:
    return next((line.strip() for line in printed.splitlines() if " generated, " in line), "it said nothing")
