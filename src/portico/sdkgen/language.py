"""What a language gives to the generator. docs/reference/sdk-contract.md is the contract in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from portico.sdkgen.names import Names
from portico.sdkgen.plan import Sdk


@dataclass(frozen=True, slots=True)
class File:
    """A file of a package."""

    path: str  # relative to the package's folder, with slashes
    content: bytes


class Language(Protocol):
    """One folder of `portico.sdkgen`."""

    @property
    def name(self) -> str:
        """As the command takes it, and as the folder below `sdk/` is called: "python"."""

    @property
    def title(self) -> str:
        """As people read it: "Python"."""

    def files(self, sdk: Sdk, names: Names) -> Iterable[File]:
        """All files of the package `sdk/<language>/<api>/`: the same for the same plan and names, byte for byte.

        Args:
            sdk: what to write.
            names: what things are called; asked for every name, so that it is recorded.
        """

    def site_files(self, sdk: Sdk, names: Names) -> Iterable[File]:
        """The files that pages of a site load, for `static_site/sdk/<api>/`; none but for JavaScript.

        Args:
            sdk: what to write.
            names: as in `files`.
        """
