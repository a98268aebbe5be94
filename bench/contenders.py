"""The servers that are compared, each as its own documentation starts it, and the four cases."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench import limited, pool
from bench.load import Request
from bench.messages import ASKED, INVALID
from bench.process import Process
from bench.projects import CACHE, ROOT, WORK, project, public_key
from bench.redis import redis_url
from bench.signed import SignedRequest

ANSWER = b"Our roses are fresh today"
UVICORN = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning", "--port", "{port}"]


@dataclass(frozen=True)
class Contender:
    """One row of the table."""

    name: str
    kind: str  # which variant of the project it reads
    invalid: int = 400  # what it answers to a body that breaks the schema
    has_document: bool = True  # whether 1,000 more operations mean anything to it
    shared: bool = False  # one worker under a supervisor, as several are served: state that they share lies in files
    redis: bool = False  # limits in Redis

    def process(self, size: str) -> Process:
        """A server of this kind over the small or the large document."""
        folder = project(self.kind, size)
        environ = {
            "BENCH_PROJECT": str(folder),
            "BENCH_PUBLIC_KEY": str(public_key()),
            "BENCH_DOCUMENT": str(folder / "chat.json"),
            "BENCH_NODE_MODULES": str(CACHE / "node"),
            "PYTHONPATH": f"{folder}:{ROOT}",
            "NODE_ENV": "production",
        }
        if self.redis:
            environ["PORTICO_REDIS_URL"] = redis_url()
        log = WORK / "logs" / f"{self.name.replace(' ', '-')}-{size}.log"
        return Process(self.command(folder), environ, folder, log, "/chat/v1/hello")

    def command(self, folder: Path) -> list[str]:
        """The command line that starts it."""
        if self.shared:
            return [sys.executable, "-m", "bench.apps.one_worker", "{port}", str(folder)]
        if self.name.startswith("Gateway"):
            return [sys.executable, "-m", "portico", "serve", "--port", "{port}", "--project", str(folder)]
        if self.name == "Fastify":
            return [shutil.which("node") or "node", str(ROOT / "bench/apps/fastify/server.mjs")]
        module = {"Raw ASGI": "raw", "Connexion": "connexion_app", "FastAPI": "fastapi_app"}[self.name]
        return [sys.executable, "-m", "uvicorn", *UVICORN, f"bench.apps.{module}:app"]


RAW = Contender("Raw ASGI", "plain", has_document=False)
CACHED = Contender("Gateway with result cache", "cached")
PLAIN = Contender("Gateway", "plain")
CONNEXION = Contender("Connexion", "plain")
FASTAPI = Contender("FastAPI", "plain", invalid=422)
FASTIFY = Contender("Fastify", "plain")
POOL = Contender("Gateway with a user pool", "pool", has_document=False)
POOL_WORKER = Contender("Gateway with a user pool (worker)", "pool-workers", has_document=False, shared=True)
IN_PROCESS = Contender("Gateway with API keys (in process)", "limited-memory", has_document=False)
IN_SQLITE = Contender("Gateway with API keys (SQLite)", "limited-sqlite", has_document=False, shared=True)
IN_REDIS = Contender("Gateway with API keys (Redis)", "limited-redis", has_document=False, redis=True)
KEYED = (IN_PROCESS, IN_SQLITE, IN_REDIS)
ALL = (RAW, CACHED, PLAIN, CONNEXION, FASTAPI, FASTIFY, POOL, POOL_WORKER, *KEYED)

CASES = {
    "a": "open GET",
    "b": "POST with bearer JWT, request and response validated",
    "c": "the same as (b) with 1,000 more operations in the document",
    "d": "400: the body breaks the schema",
    "e": "the same as (b) with an access token of the pool",
    "f": "the same as (b) with a signature (SigV4, temporary credentials), each request once",
    "g": "the same as (e) with an API key as well: its plan has a rate, a burst and a quota, usage is counted",
}
SECURED = ("e", "f", "g")  # the cases of a user pool
RUNS = {  # which of them on which server
    "e": (POOL, POOL_WORKER),
    "f": (POOL,),
    "g": KEYED,
}


def request(case: str, contender: Contender, token: str) -> Request:
    """What is sent in a case, and what this contender must answer."""
    if case == "a":
        return Request("GET", "/chat/v1/hello", 200, b"how can I help you?")
    if case == "d":
        return Request("POST", "/chat/v1/nlu", contender.invalid, body=INVALID, token=token)
    if case == "e":
        token = pool.token()
    if case == "f":
        return SignedRequest("POST", "/chat/v1/nlu", 200, ANSWER, body=ASKED, credentials=pool.credentials())
    if case == "g":
        return limited.request(project(contender.kind, "small"))
    return Request("POST", "/chat/v1/nlu", 200, ANSWER, body=ASKED, token=token)


def plan(contenders: tuple[Contender, ...]) -> list[tuple[str, Contender, str]]:
    """Which case runs on which contender over which document."""
    return [
        (case, contender, "large" if case == "c" else "small")
        for case in CASES
        for contender in contenders
        if _runs(case, contender)
    ]


def _runs(case: str, contender: Contender) -> bool:
    if case in RUNS:
        return contender in RUNS[case]
    if contender.kind not in ("plain", "cached"):
        return False
    return contender.has_document or case != "c"
