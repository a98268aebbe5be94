"""`python -m bench [--quick]` measures; `python -m bench profile` says where the Gateway's microseconds go,
`python -m bench limits` whether limits are exact, `python -m bench sdks` what SDKs cost."""

from __future__ import annotations

import argparse
import sys

from bench import large, limited, limits, pool, profile, report, rounds, sdks, signin
from bench.contenders import ALL, FASTIFY, IN_REDIS, POOL
from bench.projects import install_node_packages, open_work, write_projects, write_token


def main() -> int:
    options = _options()
    open_work()
    token = write_token()
    write_projects()
    pool.write()
    limited.write()
    if options.command == "profile":
        return profile.main(token)
    if options.command == "limits":
        report.publish_limits(limits.measure(), commit=not options.quick)
        return 0
    if options.command == "sdks":
        report.publish_sdks(sdks.measure(), commit=not options.quick)
        return 0
    chosen = options.only.split(",") if options.only else [contender.name for contender in ALL]
    contenders = tuple(contender for contender in ALL if contender.name in chosen)
    if FASTIFY in contenders and install_node_packages() is None:
        contenders = tuple(contender for contender in contenders if contender is not FASTIFY)
    effort = rounds.QUICK if options.quick else rounds.FULL
    found = rounds.measure(contenders, effort, token, lambda line: print(line, file=sys.stderr, flush=True))
    github = None if options.only or options.no_github else large.measure()
    sign_in = signin.measure(5 if options.quick else 15) if POOL in contenders else None
    held = limits.measure() if IN_REDIS in contenders and not options.quick else None
    report.publish(found, github, sign_in, held, commit=not options.only and not options.quick)
    if held is not None:
        report.publish_sdks(sdks.measure(), commit=not options.only)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["run", "profile", "limits", "sdks"], default="run")
    parser.add_argument("--quick", action="store_true", help="a third of the time; writes no document")
    parser.add_argument("--only", default="", help="names of contenders, with commas; writes no document")
    parser.add_argument("--no-github", action="store_true", help="leave out the 13 MB document")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
