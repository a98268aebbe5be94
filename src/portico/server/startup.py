"""Reading a project for serving: everything that would go wrong later is found now, and said with its mend."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from portico import project as projects
from portico import stubs
from portico.design.findings import Finding, Severity
from portico.design.lint import lint
from portico.errors import DesignError
from portico.project import Project

MISSING = "missing-handler"  # a mock answers for it


def read(root: Path, *, mock: bool = False, port: int | None = None) -> Project:
    """A project whose designs may be served.

    Args:
        root: its folder.
        mock: whether unwritten operations are answered with examples, so that handlers may be missing.
        port: that is listened on, where it is not the configured one.

    Raises:
        ConfigError: it is no project, or its configuration is wrong.
        DesignError: a document has errors, or handlers do not fit it; carries all findings of all documents.
    """
    project = projects.load(root)
    errors = [finding for finding in _findings(project, mock=mock) if finding.severity is Severity.ERROR]
    if errors:
        raise DesignError(sorted(errors))
    if port is not None:
        server = dataclasses.replace(project.config.server, port=port)
        project = dataclasses.replace(project, config=dataclasses.replace(project.config, server=server))
    return project


def _findings(project: Project, *, mock: bool) -> Iterator[Finding]:
    yield from lint(project.apis, project.config)
    pythonic = project.config.gateway.pythonic_params
    for api in project.apis:
        for finding in stubs.drift(api, project.root / "handlers", pythonic=pythonic):
            if not (mock and finding.rule == MISSING):
                yield finding
