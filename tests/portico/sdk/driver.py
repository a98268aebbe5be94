"""A driver: the small program in the language of an SDK that does what scenarios say. README.md is its protocol."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

LARGEST = 2**53
PATIENCE = 60.0  # seconds without a word; more than any scenario takes

Answer = Callable[[Mapping[str, Any]], None]


class DriverFailed(Exception):
    """The driver ended, or said nothing for too long, or something that is no line of JSON."""


class Driver:
    """A running driver.

    Args:
        command: that starts it.
        folder: where it runs.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command, self._folder = tuple(command), folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, told: Mapping[str, Any], answer: Answer) -> Mapping[str, Any]:
        """Let it do one scenario; what came of it.

        Args:
            told: what to do.
            answer: does what it asks for meanwhile: `browser`, `device`.

        Raises:
            DriverFailed: see there. The next scenario gets another process.
        """
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(written(told) + "\n")
            process.stdin.flush()
            while True:
                said = self._next()
                if "ask" not in said:
                    return said
                self._answer(said, answer)
        except (OSError, ValueError, queue.Empty) as error:
            errors = "".join(self._errors)
            self.close()
            raise DriverFailed(f"{error!r}\n{errors[-4000:]}") from None

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, encoding="utf-8",
            )  # fmt: skip
            self._lines: queue.Queue[str] = queue.Queue()
            self._errors: list[str] = []
            self._read(self._process.stdout, self._lines.put)
            self._read(self._process.stderr, self._errors.append)
        return self._process

    def _read(self, stream: Any, take: Callable[[str], None]) -> None:
        def read() -> None:
            for line in stream:
                take(line)
            take("")

        threading.Thread(target=read, daemon=True).start()

    def _next(self) -> dict[str, Any]:
        line = self._lines.get(timeout=PATIENCE)
        found: dict[str, Any] = json.loads(line, parse_float=Decimal)
        return found

    def _answer(self, said: Mapping[str, Any], answer: Answer) -> None:
        """In a thread: the driver goes on meanwhile, and is told when it is done."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        stdin = process.stdin

        def do() -> None:
            answer(said)
            stdin.write(json.dumps({"done": said["ask"]}) + "\n")
            stdin.flush()

        threading.Thread(target=do, daemon=True).start()


def written(value: Any) -> str:
    """JSON in which numbers that a double may not hold are `{"$number": "their digits"}`."""
    return json.dumps(_exact(value), ensure_ascii=False)


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _exact(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_exact(one) for one in value]
    large = isinstance(value, int) and abs(value) >= LARGEST
    return {"$number": str(value)} if large or isinstance(value, Decimal) else value
