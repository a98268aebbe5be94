"""The plans and limits of a project, as `auth/plans.yaml` has them now."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from portico.access.errors import PlansInvalid
from portico.access.plans import document
from portico.access.plans.compile import compile_plans
from portico.access.plans.model import Limit, Plan
from portico.design.model import Api

log = logging.getLogger("portico.access")

Stamp = tuple[int, int, int] | None


class Plans:
    """What a project declares. `refresh` puts new plans in their place at once, or leaves the last good ones."""

    def __init__(self, root: Path, apis: Sequence[Api]) -> None:
        self._path = root / document.FILE
        self._apis = tuple(apis)
        self._stamp: Stamp = None
        self._emptied: Stamp = None  # when it was seen without anything in it
        self.all: Mapping[str, Plan] = {}
        self.limits: tuple[Limit, ...] = ()
        self.generation = 0  # grows with every change: what was concluded from an earlier one must be looked at again

    @classmethod
    def load(cls, root: Path, apis: Sequence[Api]) -> Plans | None:
        """Read the plans of a project; None where it declares none.

        Args:
            root: the project's folder.
            apis: its designs.

        Raises:
            PlansInvalid: the file says something that cannot be; all its faults, with their lines.
        """
        plans = cls(root, apis)
        plans._stamp = plans._look()
        if plans._stamp is None:
            return None
        plans._read()
        return plans

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all plans."""
        return tuple(self.all)

    def refresh(self) -> bool:
        """Read the file again where it has changed. With faults it is told once, and the last good plans stay.

        A file with nothing in it counts at the second look: many programs empty a file before they write it.

        Returns:
            Whether the plans are new.
        """
        stamp = self._look()
        if stamp == self._stamp:
            return False
        if stamp is not None and stamp[1] == 0 and stamp != self._emptied:  # somebody is about to write it
            self._emptied = stamp
            return False
        self._stamp = stamp
        try:
            self._read()
        except (PlansInvalid, OSError) as error:
            log.error("the plans stay as they were: %s", error)
            return False
        log.info("the plans are read again: %s", ", ".join(self.all) or "none is left")
        return True

    def of(self, names: Sequence[str], api: str, stage: str) -> Plan | None:
        """The plan that counts for an API: the first of a key's that covers it; None where none does.

        Args:
            names: of the key's plans.
            api: the API's name.
            stage: the stage's.
        """
        for name in names:
            plan = self.all.get(name)
            if plan is not None and plan.covers(api, stage):
                return plan
        return None

    def _look(self) -> Stamp:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> None:
        said = document.read(self._path.read_text(encoding="utf-8", errors="replace"))
        plans, limits, faults = compile_plans(said.plans, said.limits, self._apis)
        if faults:
            said.refuse(faults)
        self.all, self.limits = plans, limits
        self.generation += 1
