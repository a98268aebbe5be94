"""One scenario with one driver, and everything that was wrong about it."""

from __future__ import annotations

import contextlib
import functools
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import yaml
from tests.portico.sdk import check
from tests.portico.sdk.driver import Driver, DriverFailed
from tests.portico.sdk.person import Lost
from tests.portico.sdk.scenario import Loader, Scenario, filled
from tests.portico.sdk.weather import Rule
from tests.portico.sdk.world import PROJECT, World

TOKENS = "tokens"  # the file of the token store
PATIENCE = 60.0  # seconds
RANDOM = 0.5  # what clients take for chance


def faults(scenario: Scenario, driver: Driver, world: World) -> list[str]:
    """Let a driver do what a scenario says; what is wrong with what came of it.

    Args:
        scenario: to run.
        driver: of a language.
        world: that it happens in.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = Run(scenario, world, Path(folder))
        world.weather.change(run.rules())
        world.elsewhere.change([])
        try:
            said = driver.run(run.told(), run.answer)
        except DriverFailed as error:
            return [f"the driver failed: {error}", f"asked: {run.lost}", f"seen: {run.lines()}"]
        found = list(run.faults(said))
        return [*found, f"seen: {run.lines()}"] if found else []


class Run:
    """A scenario with the words of this run filled in."""

    def __init__(self, scenario: Scenario, world: World, folder: Path) -> None:
        self._scenario = scenario
        self._world = world
        self._folder = folder
        self._words = _Words(world, folder)
        self._opened: str | None = None
        self._page = 0  # the status of what the program showed at the end
        self._seen_secrets: list[str] = []
        self.lost: list[str] = []

    def rules(self) -> list[Rule]:
        """The weather."""
        return [_rule(filled(one, self._words)) for one in self._scenario.server]

    def told(self) -> dict[str, Any]:
        """What the driver is told."""
        steps = []
        for step in self._scenario.steps:
            own = {} if step.client is None else {"client": self._client(step.client)}
            steps.append({**_located(filled(dict(step.do), self._words)), **own})
        return {"client": self._client(self._scenario.client), "steps": steps}

    def _client(self, options: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = filled(dict(options), self._words)
        tokens = given.get("tokens")
        if tokens is not None:
            fresh = self._world.tokens()
            self._seen_secrets += [fresh["access_token"], fresh["refresh_token"]]
            kept = {key: fresh[key] for key in ("access_token", "refresh_token", "expires_in")}
            given["tokens"] = {**kept, **tokens["$tokens"]}
        return {"base_url": self._world.origin, "random": RANDOM, "clock": 0, **given}

    def answer(self, said: Mapping[str, Any]) -> None:
        """Do what a driver asks for: be the person at the browser."""
        try:
            self._do(said)
        except (httpx.HTTPError, Lost, KeyError) as error:
            self.lost.append(repr(error))

    def _do(self, said: Mapping[str, Any]) -> None:
        person = self._world.person()
        if said["ask"] == "device":
            person.allow(said["url"], said["code"])
            return
        self._opened = said["url"]
        login = next(step.do["login"] for step in self._scenario.steps if "login" in step.do)
        tampered = dict(filled(login.get("browser", {}), self._words))
        url = _changed(said["url"], tampered.pop("ask", {}))
        before = tampered.pop("before", None)
        back = person.sign_in(url, come_back=False)
        if before is not None:
            httpx.get(_changed(back, before), timeout=PATIENCE)
        self._page = httpx.get(_changed(back, tampered), timeout=PATIENCE).status_code

    def lines(self) -> list[str]:
        """The requests in their order, for people."""
        return [f"{one.method} {check.short(one.target)}" for one in self._world.weather.seen]

    def faults(self, said: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong."""
        if "failure" in said:
            yield f"the driver failed: {said['failure']}"
            return
        yield from (f"the person at the browser is lost: {one}" for one in self.lost)
        steps = zip(self._scenario.steps, said["steps"], strict=True)
        for number, (step, one) in enumerate(steps):
            expected = filled(dict(step.expect), self._words)
            at = f"step {number} ({step.action})" if len(self._scenario.steps) > 1 else step.action
            yield from _only(check.expected_fault(expected, one, at))
        yield from self._wire_faults(filled(dict(self._scenario.expect), self._words), said)
        yield from self._secret_faults(said)

    def _wire_faults(self, expect: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[str]:
        seen = list(self._world.weather.seen)
        kinds = {
            "requests": check.of_api(seen),
            "issuer": check.of_issuer(seen),
            "elsewhere": list(self._world.elsewhere.seen),
        }
        for kind, requests in kinds.items():
            if kind in expect:
                yield from check.request_faults(expect[kind], requests, kind)
        yield from check.change_faults(expect, kinds["requests"])
        if "sleeps" in expect:
            yield from check.sleep_faults(expect["sleeps"], said["sleeps"])
        if "events" in expect:
            yield from check.event_faults(expect["events"], said["events"])
        if "browser" in expect:
            yield from _only(check.browser_fault(expect["browser"], self._opened, self._page))
        if "mode" in expect:
            mode = f"{(self._folder / TOKENS).stat().st_mode & 0o777:o}"
            yield from [] if mode == expect["mode"] else [f"mode: {mode} is not {expect['mode']}"]

    def _secret_faults(self, said: Mapping[str, Any]) -> Iterator[str]:
        """What hooks, errors, text forms and other origins were told, and should not have been."""
        told = [step.action == "text" for step in self._scenario.steps]
        shown = [one.get("error") or one["result"] for text, one in zip(told, said["steps"], strict=True)
                 if text or "error" in one]  # fmt: skip
        elsewhere = [[one.target, one.headers, str(one.body)] for one in self._world.elsewhere.seen]
        secrets = [*self._world.secrets(), *self._words.secrets, *self._seen_secrets]
        secrets += check.secrets_in(self._world.weather.seen)
        yield from check.leaks(secrets, [said["events"], shown, elsewhere])


def _located(do: dict[str, Any]) -> dict[str, Any]:
    """Calls with the keys by which their names are recorded: "GET /things"."""
    if "call" in do:
        return {"call": {**do["call"], "key": _keys()[do["call"]["operation"]]}}
    calls = [{**call, "key": _keys()[call["operation"]]} for call in do.get("parallel", ())]
    return {"parallel": calls} if calls else do


@functools.cache
def _keys() -> dict[str, str]:
    """Method and path of each operation of the scenario server, by its id."""
    text = (PROJECT / "specs" / "playground.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader)  # noqa: S506  a safe one
    return {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def _only(fault: str | None) -> list[str]:
    return [] if fault is None else [fault]


class _Words(Mapping[str, Any]):
    """What `$words` of scenarios stand for; made when they are used, and then the same for the whole scenario."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._made: dict[str, Any] = {}
        self._makers: Mapping[str, Callable[[], Any]] = {
            "origin": lambda: world.origin,
            "elsewhere": lambda: world.elsewhere.origin,
            "closed": _closed,
            "file": lambda: str(folder / TOKENS),
            "api_key": lambda: world.api_key,
            "access_token": world.access_token,
            "client_secret": lambda: world.client_secret,
            "access_key": self._access_key,
            "credentials": self._credentials,
        }
        self.secrets: list[str] = []

    def __getitem__(self, word: str) -> Any:
        if word not in self._made:
            self._made[word] = self._makers[word]()
        return self._made[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def _access_key(self) -> dict[str, Any]:
        made = self._world.access_key
        self.secrets.append(made["secret_key"])
        return {"access_key_id": made["id"], "secret_key": made["secret_key"]}

    def _credentials(self) -> dict[str, Any]:
        made = self._world.credentials()
        self.secrets += [made["SecretKey"], made["SessionToken"]]
        names = {"access_key_id": "AccessKeyId", "secret_key": "SecretKey", "session_token": "SessionToken"}
        return {name: made[wire] for name, wire in names.items()}


def _closed() -> str:
    """An address at which nobody listens."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _rule(one: Mapping[str, Any]) -> Rule:
    words = {key: value for key, value in one.items() if key in ("answer", "reset", "cut", "delay")}
    method, _, path = one.get("to", "").partition(" ")
    base = check.ISSUER if path.startswith("issuer:") else check.BASE
    words["delay"] = float(words.get("delay", 0))
    return Rule(method=method, path=base + path.removeprefix("issuer:"), **words)


def _changed(url: str, changes: Mapping[str, Any]) -> str:
    """An address with other parameters."""
    parts = urlsplit(url)
    query = {key: value for key, value in {**dict(parse_qsl(parts.query)), **changes}.items() if value is not None}
    return urlunsplit(parts._replace(query=urlencode(query)))
