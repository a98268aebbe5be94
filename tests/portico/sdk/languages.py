"""The languages of the matrix: how each SDK is generated, built, installed as its users would, and driven."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

DRIVERS = Path(__file__).with_name("drivers")
MANIFEST = ".portico.json"  # in a package: what things are called
PATIENCE = 300.0  # seconds


class CannotBuild(Exception):
    """What builds an SDK failed; the text is its output."""


@dataclass(frozen=True, slots=True)
class Language:
    """One column of the matrix.

    Args:
        name: as tests show it.
        title: as people read it.
        sdk: as `portico sdk` calls the language.
        needs: programs without which it cannot be tried.
        install: makes a package and installs it into an empty folder; the command that starts the driver there.
        more: arguments of the driver.
    """

    name: str
    title: str
    sdk: str
    needs: tuple[str, ...]
    install: Callable[[Path, Path], Sequence[str]]
    more: tuple[str, ...] = ()

    def absent(self) -> Mapping[str, str]:
        """Capabilities that the language lacks, each with the reason."""
        file = DRIVERS / self.sdk / "absent.yaml"
        found: dict[str, dict[str, str]] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return found.get(self.name, {})

    def missing(self) -> str | None:
        """A program that is not on this machine."""
        return next((program for program in self.needs if shutil.which(program) is None), None)


def installed(language: Language, project: Path, folder: Path) -> tuple[str, ...]:
    """The command that starts the driver with an SDK that is generated, built and installed: once for all who ask.

    Args:
        language: of the SDK.
        project: of the scenario server.
        folder: where it is kept; several processes may ask at once.

    Raises:
        CannotBuild: what builds it failed, the first time.
    """
    place = folder / language.sdk
    place.mkdir(parents=True, exist_ok=True)
    kept = place / "made.json"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released with the file
        if not kept.exists():
            kept.write_text(json.dumps(_made(language, project, place)))
    made = json.loads(kept.read_text())
    if "failed" in made:
        raise CannotBuild(made["failed"])
    return (*made["command"], *language.more)


def _made(language: Language, project: Path, folder: Path) -> dict[str, object]:
    try:
        return {"command": language.install(generate(project, language.sdk), folder)}
    except CannotBuild as error:
        return {"failed": str(error)}


def generate(project: Path, language: str) -> Path:
    """Write the SDK of the scenario server; its folder.

    Args:
        project: of the scenario server.
        language: as `portico sdk` calls it.
    """
    _run([sys.executable, "-c", "from portico.cli import main; main()", "sdk", language, "--project", str(project)])
    return project / "sdk" / language / "playground"


def _python(package: Path, folder: Path) -> list[str]:
    """A wheel in a virtual environment that has nothing else, and no network."""
    wheels, environment = folder / "wheels", folder / "environment"
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)], package)
    _run([sys.executable, "-m", "venv", "--without-pip", str(environment)])
    python = environment / "bin" / "python"
    wheel = next(wheels.glob("*.whl"))
    offline = ["--no-index", "--no-deps", "--disable-pip-version-check", "-q"]
    _run([sys.executable, "-m", "pip", "--python", str(python), "install", *offline, str(wheel)])
    return [str(python), "-E", "-s", "-X", "utf8", str(DRIVERS / "python" / "driver.py"), str(package / MANIFEST)]


def _typescript(package: Path, folder: Path) -> list[str]:
    """A packed package in a program of its own, without the network."""
    program = folder / "program"
    program.mkdir()
    _run(["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder)], package)
    (program / "package.json").write_text('{"name": "program", "private": true, "type": "module"}')
    tarball = next(folder.glob("*.tgz"))
    _run(["npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", str(tarball)], program)
    shutil.copy(DRIVERS / "typescript" / "driver.mjs", program)
    return ["node", str(program / "driver.mjs"), str(package / MANIFEST)]


LANGUAGES = (
    Language("python", "Python", "python", (), _python),
    Language("python-async", "Python, async", "python", (), _python, ("--async",)),
    Language("typescript", "TypeScript", "typescript", ("node", "npm"), _typescript),
)


def _run(command: Sequence[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode != 0:
        raise CannotBuild(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
