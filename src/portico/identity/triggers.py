"""The project's own code at the turning points of identity: the functions in `auth/triggers.py`.

Each function takes one event and may be `async def` or `def`; the second runs in a thread. A trigger refuses by raising
`Refused` with a sentence for the person. Whatever else it raises, and a trigger that takes too long, denies as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from portico.errors import ConfigError, PorticoError
from portico.secret import Secret

if TYPE_CHECKING:
    from portico.identity.users.model import User

log = logging.getLogger("portico.identity.triggers")

FILE = Path("auth/triggers.py")
TIMEOUT = 5.0  # seconds
THREADS = 8  # for triggers that are no coroutines; one that never returns keeps its thread


class TriggerError(PorticoError):
    """The root: what a trigger decided or caused.

    TriggerError
    ├── Refused          the trigger says no; the message is for the person
    └── TriggerFailed    it raised something else, took too long, or returned what it may not
    """


class Refused(TriggerError):
    """Raise this in a trigger to refuse. The message is shown to the person."""


class TriggerFailed(TriggerError):
    """A trigger of the project failed. What it was doing is denied."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__("This cannot be done at the moment.")


@dataclass(frozen=True, slots=True)
class PreSignUp:
    """Somebody wants an account."""

    username: str
    email: str
    attributes: Mapping[str, Any]
    address: str  # where the request came from


@dataclass(frozen=True, slots=True)
class PostConfirmation:
    """Somebody has confirmed their e-mail address, and has an account now."""

    user: User
    address: str  # where the request came from


@dataclass(frozen=True, slots=True)
class PreToken:
    """Tokens are about to be issued."""

    user: User | None  # none where a client calls by itself
    client_id: str
    scopes: tuple[str, ...]
    claims: Mapping[str, Any]  # of the token, before the changes


@dataclass(frozen=True, slots=True)
class TokenChanges:
    """What a `pre_token` trigger changes. The protocol's own claims stay as they are."""

    add_claims: Mapping[str, Any] = field(default_factory=dict)
    drop_claims: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None  # instead of those granted; none may be new
    groups: tuple[str, ...] | None = None  # instead of the user's


@dataclass(frozen=True, slots=True)
class CustomMessage:
    """A mail is about to be sent."""

    kind: str  # "sign_up_code", "forgot_code", ...
    to: str
    user: User | None
    subject: str
    text: str
    code: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """What a `custom_message` trigger sends instead."""

    subject: str
    text: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class MigrateUser:
    """Somebody signs in whom the pool does not know. The trigger may look them up where they were before."""

    login: str  # a name or an e-mail address
    password: Secret  # `reveal()` it where it is checked


@dataclass(frozen=True, slots=True)
class MigratedUser:
    """A person whom a `migrate_user` trigger found, and whose password it has checked."""

    username: str
    email: str | None = None
    email_verified: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


Function = Callable[[Any], Any]
ANSWERS: Mapping[str, type | None] = {
    "pre_sign_up": None,
    "post_confirmation": None,
    "pre_token": TokenChanges,
    "custom_message": Message,
    "migrate_user": MigratedUser,
}
"""Trigger -> what it may return besides None."""


class Triggers:
    """The triggers of one project."""

    def __init__(self, functions: Mapping[str, Function] | None = None, *, timeout: float = TIMEOUT) -> None:
        """Hold triggers.

        Args:
            functions: by name, such as `pre_sign_up`.
            timeout: seconds that each may take.

        Raises:
            ConfigError: a name is none of a trigger, or a function does not take one argument.
        """
        for name, function in (functions or {}).items():
            _check(name, function)
        self._functions = dict(functions or {})
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="portico-trigger")

    @classmethod
    def load(cls, root: Path) -> Triggers:
        """The triggers of the project in `root`: every public function of `auth/triggers.py`.

        Args:
            root: the project's folder.

        Raises:
            ConfigError: the file cannot be imported, or a public function has the name of no trigger.
        """
        path = root / FILE
        if not path.is_file():
            return cls()
        module = _module(path)
        own = {
            name: value
            for name, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
        }
        return cls(own)

    def has(self, name: str) -> bool:
        """Whether the project has this trigger."""
        return name in self._functions

    async def pre_sign_up(self, event: PreSignUp) -> None:
        """Ask whether somebody may have an account.

        Raises:
            Refused: no.
            TriggerFailed: it could not be asked.
        """
        await self._run("pre_sign_up", event)

    async def post_confirmation(self, event: PostConfirmation) -> None:
        """Tell that somebody has an account.

        Raises:
            TriggerError: the project failed with it.
        """
        await self._run("post_confirmation", event)

    async def pre_token(self, event: PreToken) -> TokenChanges:
        """Ask what to change about tokens.

        Raises:
            Refused: no token is issued.
            TriggerFailed: it could not be asked.
        """
        found = await self._run("pre_token", event)
        return found if isinstance(found, TokenChanges) else TokenChanges()

    async def custom_message(self, event: CustomMessage) -> Message | None:
        """Ask what a mail says; None leaves it as it is.

        Raises:
            Refused: the mail is not sent.
            TriggerFailed: it could not be asked.
        """
        found = await self._run("custom_message", event)
        return found if isinstance(found, Message) else None

    async def migrate_user(self, event: MigrateUser) -> MigratedUser | None:
        """Ask for a person whom the pool does not know; None where the name or the password is wrong.

        Raises:
            Refused: the person is told why they cannot come.
            TriggerFailed: it could not be asked.
        """
        found = await self._run("migrate_user", event)
        return found if isinstance(found, MigratedUser) else None

    async def _run(self, name: str, event: object) -> object:
        function = self._functions.get(name)
        if function is None:
            return None
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._call(function, event)
        except Refused:
            raise
        except Exception as error:  # the project's code may raise anything; the message may hold a secret
            log.error("the trigger %s failed: %s at %s", name, type(error).__name__, _place(error))
            raise TriggerFailed(name) from None
        expected = ANSWERS[name]
        if answer is not None and (expected is None or not isinstance(answer, expected)):
            wanted = "None" if expected is None else f"{expected.__name__} or None"
            log.error("the trigger %s returned %s; it may return %s", name, type(answer).__name__, wanted)
            raise TriggerFailed(name)
        return answer

    async def _call(self, function: Function, event: object) -> object:
        if inspect.iscoroutinefunction(function):
            return await function(event)
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, event)


def _check(name: str, function: Function) -> None:
    if name not in ANSWERS:
        raise ConfigError(
            f"{FILE}: {name} is the name of no trigger. The triggers are {', '.join(ANSWERS)}; "
            "the name of any other function begins with an underscore."
        )
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        raise ConfigError(f"{FILE}: {name} must take one argument, the event.") from None


def _module(path: Path) -> ModuleType:
    """Import the file under a name that no other project in this process has; `from . import` finds its neighbours."""
    package = f"portico_auth_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    if package not in sys.modules:
        spec = ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(path.parent)]
        sys.modules[package] = importlib.util.module_from_spec(spec)
    name = f"{package}.{path.stem}"
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise ConfigError(f"{FILE} cannot be imported: {type(error).__name__}: {error}") from error


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
