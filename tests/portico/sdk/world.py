"""The world of a scenario: the real gateway in a process of its own, the weather before it, people, what they hold."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from tests.portico.sdk.person import Person
from tests.portico.sdk.pkce import challenge_of
from tests.portico.sdk.weather import Weather

PROJECT = Path(__file__).with_name("project")
PATIENCE = 60.0  # seconds: more than anything takes on a busy machine; nothing waits for it to pass
FRESH = 300.0  # seconds that an access token is given to scenarios; it lives for 900
SCOPES = "openid profile email play/read play/write"
COMMAND = (sys.executable, "-c", "from portico.cli import main; main()")


@dataclass
class World:
    """Everything that a scenario may speak of."""

    weather: Weather
    elsewhere: Weather  # another origin
    root: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    api_key: str = ""
    client_secret: str = ""
    access_key: dict[str, str] = field(default_factory=dict)
    _token: tuple[float, str] = (0.0, "")

    @property
    def origin(self) -> str:
        """Where clients find the server."""
        return self.weather.origin

    @property
    def issuer(self) -> str:
        """The pool."""
        return f"{self.origin}/auth/main"

    def person(self, name: str = "ada") -> Person:
        """Somebody with a browser in which nobody has signed in."""
        return Person(name, self.password)

    def tokens(self) -> dict[str, Any]:
        """What a sign-in gives: new ones each time."""
        verifier, redirect_uri = secrets.token_urlsafe(48), "http://127.0.0.1:9/callback"
        asked = {
            "response_type": "code",
            "client_id": "sdk",
            "redirect_uri": redirect_uri,
            "scope": SCOPES,
            "state": "state",
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        came_back = self.person().sign_in(f"{self.issuer}/oauth2/authorize?{urlencode(asked)}", come_back=False)
        form = {"code": parse_qs(urlsplit(came_back).query)["code"][0], "code_verifier": verifier}
        more = {"grant_type": "authorization_code", "client_id": "sdk", "redirect_uri": redirect_uri}
        return self.post(f"{self.issuer}/oauth2/token", data={**form, **more})

    def access_token(self) -> str:
        """A good access token: the same for some minutes."""
        made, token = self._token
        if time.monotonic() - made > FRESH or not token:
            token = str(self.tokens()["access_token"])
            self._token = (time.monotonic(), token)
        return token

    def credentials(self) -> dict[str, Any]:
        """New temporary credentials in the wire form of the exchange."""
        return self.post(
            f"{self.issuer}/credentials", json={}, headers={"authorization": f"Bearer {self.access_token()}"}
        )

    def post(self, url: str, **options: Any) -> dict[str, Any]:
        """Call the server as nobody whom scenarios see."""
        headers = {"x-scenario-browser": "yes", **options.pop("headers", {})}
        answer = httpx.post(url, headers=headers, timeout=PATIENCE, **options)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def secrets(self) -> list[str]:
        """What no event, error or text form of a client may hold."""
        return [one for one in (self.password, self.api_key, self.client_secret, self._token[1]) if one]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[World]:
    """A world that has just begun.

    Args:
        folder: an empty one, for the project and its state.
    """
    root = folder / "project"
    shutil.copytree(PROJECT, root, ignore=shutil.ignore_patterns("__pycache__", ".portico"))
    weather, elsewhere = Weather(), Weather(otherwise={"json": {"elsewhere": True}})
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", "PORTICO_SERVER_ORIGIN": weather.origin}
    with _serving(root, environ) as port:
        weather.upstream = ("127.0.0.1", port)
        world = World(weather, elsewhere, root)
        _furnish(world, environ)
        yield world
    weather.close()
    elsewhere.close()


@contextlib.contextmanager
def _serving(root: Path, environ: dict[str, str]) -> Iterator[int]:
    """`portico serve`; its port."""
    log = (root.parent / "serve.log").open("w+")
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--project", str(root)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield _port(process, Path(log.name))
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # the session that we started
        process.wait(PATIENCE)
        log.close()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"event":"serving"' in line:
                return urlsplit(json.loads(line)["url"]).port or 0
        time.sleep(0.05)
    raise AssertionError(f"The scenario server does not start:\n{log.read_text()}")


def _furnish(world: World, environ: dict[str, str]) -> None:
    """Make people and what they hold, with the project's own commands."""
    ada = ["users", "create", "ada", "--email", "ada@example.com", "--verified", "--password-stdin"]
    commands = (
        (ada, world.password),
        (["keys", "create", "--plan", "open", "--name", "scenarios", "--json"], ""),
        (["clients", "secret", "robot", "--json"], ""),
        (["credentials", "create", "--role", "player", "--json"], ""),
    )
    told = [{"words": [*words, "--project", str(world.root)], "given": given} for words, given in commands]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("furnish.py"))],
        env=environ, input=json.dumps(told), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    _, key, secret, access_key = json.loads(done.stdout)
    world.api_key = json.loads(key)["secret"]
    world.client_secret = json.loads(secret)["secret"]
    world.access_key = json.loads(access_key)
