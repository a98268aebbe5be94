"""`python -m tests.fuzz`: nasty requests and schemathesis against a server, broken documents against the loader."""

from __future__ import annotations

import argparse
import base64
import itertools
import sys
from pathlib import Path

from tests.fuzz import conform, edge, loader, mutate, nasties
from tests.fuzz.server import ROOT, make_project, running
from tests.fuzz.wire import Case

PROJECT = ROOT / ".cache" / "fuzz" / "project"


def main() -> int:
    options = _options()
    if options.command == "replay":
        return _replay(base64.b64decode(options.bytes), options.after)
    wanted = options.only.split(",") if options.only else ["edge", "conform", "loader"]
    failures: list[object] = []
    if "edge" in wanted or "conform" in wanted:
        with running(make_project(PROJECT)) as server:
            if "edge" in wanted:
                failures += _edge(server, options)
            if "conform" in wanted:
                failures += conform.run(server, seed=options.seed, examples=options.examples)
    if "loader" in wanted:
        failures += loader.run(seed=options.seed, count=options.documents)
    for failure in failures:
        print(failure, end="\n\n")
    print(f"{len(failures)} failures")
    return 1 if failures else 0


def _edge(server: edge.Server, options: argparse.Namespace) -> list[edge.Failure]:
    cases = (case for case in nasties.cases() if options.match in case.name)
    random_cases = mutate.cases(options.seed, options.random) if not options.match else ()
    count, failures = edge.fuzz(server, itertools.chain(cases, random_cases))
    print(f"edge: {count} cases, {len(failures)} failures, server at {server.resident() / 1e6:.0f} MB", flush=True)
    return failures


def _replay(sent: bytes, after: str) -> int:
    method = sent.partition(b" ")[0].decode("latin-1")
    with running(make_project(PROJECT)) as server:
        failure = edge.judge(Case("replay", (sent,), (method,), after, may_close=True), server.port)
        print(failure or "fine")
        print("".join(Path(server.log).read_text(errors="replace")[-3000:]), file=sys.stderr)
        return 1 if failure else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["run", "replay"], default="run")
    parser.add_argument("bytes", nargs="?", default="", help="for replay: what to send, in base64")
    parser.add_argument("--after", default="half-close", choices=["wait", "half-close", "reset"])
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--only", default="", help="edge, conform, loader; with commas")
    parser.add_argument("--match", default="", help="only the cases of the table whose name holds this")
    parser.add_argument("--random", type=int, default=20_000, help="random requests")
    parser.add_argument("--examples", type=int, default=200, help="schemathesis' examples for each operation")
    parser.add_argument("--documents", type=int, default=2_000, help="broken documents")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
