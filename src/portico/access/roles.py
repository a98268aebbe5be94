"""The roles of a project: who may take which, and what each may call.

    roles = Roles.load(root, settings, apis=project.apis)
    roles.role_for(claims)                       # "visitor"
    roles.decide(principal, call).allowed        # in well under a microsecond where no condition depends on the request

What is decided is decided on the roles of one moment: `refresh` puts new ones in their place at once, or leaves the
last good ones where the file has faults.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portico.access import document
from portico.access.assignment import PREFERRED, is_machine
from portico.access.compile import Role, compile_roles, targets_of
from portico.access.errors import RolesInvalid
from portico.access.model import Call, Decision, Principal
from portico.access.policy import Table, Target
from portico.design.model import Api
from portico.identity.settings import PoolSettings

log = logging.getLogger("portico.access")

Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The roles of one moment."""

    roles: Mapping[str, Role] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    claims: frozenset[str] = frozenset()
    clients: tuple[str, ...] | None = None


class Roles:
    """The roles of a project. Without `auth/roles.yaml` there are none, and nobody may do anything."""

    def __init__(self, root: Path, settings: PoolSettings, targets: Sequence[Target]) -> None:
        self._path = root / document.FILE
        self._settings = settings
        self.targets = tuple(targets)
        self._loaded = _Loaded()
        self._stamp: Stamp = None
        self.generation = 0  # grows with every change: what was concluded from an earlier one must be looked at again

    @classmethod
    def load(cls, root: Path, settings: PoolSettings, *, apis: Sequence[Api]) -> Roles:
        """Read the roles of a project.

        Args:
            root: the project's folder.
            settings: its user pool.
            apis: its designs; what a statement names must be in one of them.

        Raises:
            RolesInvalid: the file says something that cannot be; all its faults, with their lines.
        """
        roles = cls(root, settings, targets_of(apis))
        roles._stamp = roles._look()
        roles._replace(roles._read())
        return roles

    def refresh(self) -> bool:
        """Read the file again where it has changed. With faults it is told once, and the last good roles stay.

        Returns:
            Whether the roles are new.
        """
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            loaded = self._read()
        except (RolesInvalid, OSError) as error:
            log.error("the roles stay as they were: %s", error)
            return False
        self._replace(loaded)
        log.info("the roles are read again: %s", ", ".join(loaded.roles) or "none is left")
        return True

    @property
    def all(self) -> Mapping[str, Role]:
        """Every role by its name, those first that are taken first."""
        return self._loaded.roles

    @property
    def claims(self) -> frozenset[str]:
        """The claims that any role looks at."""
        return self._loaded.claims

    def takes_from(self, client: str | None) -> bool:
        """Whether a client's tokens may be exchanged for credentials.

        A role is not bounded by the scopes of the token. So a client that people gave a few scopes only (one that asks
        for consent, or that was registered later) is left out unless `clients` names it.

        Args:
            client: its client_id.
        """
        if self._loaded.clients is not None:
            return client in self._loaded.clients
        declared = self._settings.clients.get(client) if client is not None else None
        return declared is not None and not declared.consent

    def role_for(self, claims: Mapping[str, Any] | None, preferred: str | None = None) -> str | None:
        """The role that somebody takes; None where there is none for them.

        Args:
            claims: of a verified token; None for a guest.
            preferred: the role that they ask for. Without one it is what the claim `cognito:preferred_role` says, where
                they may take that, else the first that they may take.
        """
        allowed = self.roles_for(claims)
        if preferred is not None:
            return preferred if preferred in allowed else None
        wished = claims.get(PREFERRED) if claims is not None and not is_machine(claims) else None
        return wished if wished in allowed else next(iter(allowed), None)

    def roles_for(self, claims: Mapping[str, Any] | None) -> tuple[str, ...]:
        """All roles that somebody may take, the one first that they get.

        Args:
            claims: of a verified token; None for a guest.
        """
        return tuple(name for name, role in self._loaded.roles.items() if role.assignment.admits(claims))

    def admits(self, role: str, claims: Mapping[str, Any] | None, carried: frozenset[str] | None = None) -> bool:
        """Whether somebody may take a role, as things are now.

        Args:
            role: its name.
            claims: what is known of them; None for a guest.
            carried: the names of the claims that are known; None: all.
        """
        found = self._loaded.roles.get(role)
        return found is not None and found.assignment.admits(claims, carried)

    def decide(self, principal: Principal, call: Call) -> Decision:
        """Whether a call is allowed. What is not known is denied.

        Args:
            principal: who calls, and in which role.
            call: what is called.
        """
        table = self._loaded.tables.get(principal.role)
        if table is None:
            return Decision(False, None, f"There is no role {principal.role}.")
        found = table.get((call.api, call.operation))
        if found is None:
            return Decision(False, None, f"There is no operation {call.operation} in {call.api}.")
        return found if isinstance(found, Decision) else found.decide(principal, call)

    def _look(self) -> Stamp:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> _Loaded:
        if not self._path.is_file():
            return _Loaded()
        said = document.read(self._path.read_text(encoding="utf-8", errors="replace"))
        roles, faults = compile_roles(said.roles, self.targets, self._settings)
        if faults:
            said.refuse(faults)
        return _Loaded(
            roles=roles,
            tables={name: role.table for name, role in roles.items()},
            claims=frozenset().union(*(role.claims for role in roles.values())),
            clients=said.clients,
        )

    def _replace(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        self.generation += 1
