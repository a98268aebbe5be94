"""GitHub's 13 MB document, imported and served as a user would: how long the start takes, how much memory it needs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from bench.goals import Github
from bench.process import Process, ServerDied
from bench.projects import ROOT, WORK, fetch_github_document, public_key


def measure() -> Github | None:
    """`portico new --from`, `portico stubs`, `portico serve`; None where the document cannot be had or served."""
    source = fetch_github_document()
    if source is None:
        return None
    folder = WORK / "github"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _portico("new", str(folder), "--from", str(source))
        _portico("stubs", cwd=folder)
        return _serve(folder, source)
    except (ServerDied, subprocess.CalledProcessError) as error:
        print(f"GitHub's document is not measured: {error}", file=sys.stderr)
        return None


def _portico(*arguments: str, cwd: Path = WORK) -> None:
    subprocess.run([sys.executable, "-m", "portico", *arguments], cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def _serve(folder: Path, source: Path) -> Github:
    command = [sys.executable, "-m", "portico", "serve", "--port", "{port}", "--project", str(folder)]
    environ = {"PYTHONPATH": str(ROOT), "BENCH_PUBLIC_KEY": str(public_key())}
    server = Process(command, environ, folder, WORK / "github.log", "/healthz")
    try:
        server.start()
        operations = sum(1 for item in json.loads(source.read_bytes())["paths"].values() for key in item)
        return Github(server.start_seconds, server.peak_bytes(), operations)
    finally:
        server.stop()
