"""SDKs: how long they take to make and to load, and what a call costs beside a bare one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.goals import Goal
from bench.messages import ASKED
from bench.process import LOAD_CORE, Process
from bench.projects import ROOT, WORK, fetch_github_document
from portico.sdkgen.languages import LANGUAGES

COLUMNS = ("what", "Python", "TypeScript")
NOTES = """\
`portico sdk --check` makes everything and compares it with what is there. GitHub's document has 1,223 operations
(13 MB): the time is from the command to its end, reading included. Calls are signed POSTs with a message, in turns with
bare ones to the same raw ASGI server: `http.client` and `json` in Python, `fetch` in Node. The difference of medians
is what the SDK adds: arguments, signature, models, hooks, retries.
"""


@dataclass(frozen=True)
class Sdks:
    """What was measured. Seconds, and microseconds where it says so."""

    reference: float  # `portico sdk` for the reference project, all languages
    github: dict[str, float]  # language -> `portico sdk LANGUAGE`
    imported: float | None  # the Python package of GitHub's document
    calls: dict[str, dict[str, float]]  # language -> {"bare": µs, "sdk": µs}


def measure() -> Sdks:
    """Measure all of it."""
    reference = min(_portico(ROOT, "sdk", "--check") for _ in range(3))
    source = fetch_github_document()
    github: dict[str, float] = {}
    imported = None
    if source is not None:
        folder = _project(source)
        github = {name: _portico(folder, "sdk", name) for name in LANGUAGES}
        imported = _import(folder / "sdk" / "python" / "github" / "src")
    return Sdks(reference, github, imported, _calls())


def _project(source: Path) -> Path:
    folder = WORK / "github-sdk"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "specs").mkdir(parents=True)
    (folder / "portico.toml").touch()
    shutil.copy(source, folder / "specs" / "github.json")
    return folder


def _portico(folder: Path, *arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "portico", *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _import(source: Path) -> float:
    """Seconds that `import github, github.models` takes an interpreter that runs already; the fastest of five."""
    code = "import time; t = time.perf_counter(); import github, github.models; print(time.perf_counter() - t)"
    environ = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": ""}
    times = [
        float(subprocess.run([sys.executable, "-c", code], env=environ, check=True, capture_output=True).stdout)
        for _ in range(6)
    ]
    return min(times[1:])  # the first writes the bytecode


def _calls() -> dict[str, dict[str, float]]:
    command = [sys.executable, "-m", "uvicorn", "bench.apps.raw:app", "--port", "{port}", "--log-level", "warning"]
    server = Process([*command, "--no-access-log"], {}, ROOT, WORK / "raw.log", "/")
    try:
        server.start()
        python = {"PYTHONPATH": f"{ROOT}:{ROOT / 'sdk/python/concierge/src'}"}
        found = {"python": _run([sys.executable, "-m", "bench.apps.sdk_calls", str(server.port)], python)}
        if shutil.which("node"):
            sdk = str(ROOT / "sdk/typescript/concierge/src/index.js")
            found["typescript"] = _run(["node", "bench/apps/sdk_calls.mjs", str(server.port), sdk, ASKED.decode()], {})
        return found
    finally:
        server.stop()


def _run(command: list[str], environ: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        ["taskset", "-c", LOAD_CORE, *command], cwd=ROOT, env={**os.environ, **environ}, check=True, capture_output=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def rows(found: Sdks) -> list[tuple[str, ...]]:
    """The table."""
    imported = "" if found.imported is None else f"{found.imported:.2f} s"
    return [
        (
            "GitHub's document: generated",
            *(f"{found.github[name]:.1f} s" if found.github else "" for name in LANGUAGES),
        ),
        ("GitHub's document: imported, models too", imported, ""),
        *(
            (what, *(f"{found.calls[name][key]:.0f} µs" if name in found.calls else "" for name in LANGUAGES))
            for what, key in (("a bare call", "bare"), ("a signed call of the SDK", "sdk"))
        ),
    ]


def goals(found: Sdks) -> list[Goal]:
    """What was set, and what came of it."""
    verdicts = [_below("`portico sdk`, reference project, both languages", found.reference, 1.0)]
    verdicts += [_below(f"GitHub's document, {name}", seconds, 5.0) for name, seconds in found.github.items()]
    if found.imported is not None:
        verdicts.append(_below("import of GitHub's Python package", found.imported, 0.5))
    for name, most in (("python", 150), ("typescript", 50)):
        if name in found.calls:
            added = found.calls[name]["sdk"] - found.calls[name]["bare"]
            text = f"a signed call above a bare one, {name}"
            verdicts.append(Goal(text, f"below {most} µs", f"{added:.0f} µs", added < most))
    return verdicts


def _below(text: str, seconds: float, most: float) -> Goal:
    return Goal(text, f"below {most:g} s", f"{seconds:.2f} s", seconds < most)
