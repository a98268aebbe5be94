"""The version after a change."""

from __future__ import annotations

import pytest

from portico.design import next_version
from portico.design.compare import VersionInvalid


@pytest.mark.parametrize(
    ("version", "major", "minor", "patch"),
    [
        ("1.4.2", "2.0.0", "1.5.0", "1.4.3"),
        ("0.4.2", "0.5.0", "0.4.3", "0.4.3"),
        ("0.0.0", "0.1.0", "0.0.1", "0.0.1"),
        ("9.9.9", "10.0.0", "9.10.0", "9.9.10"),
        ("1.4.2+build.7", "2.0.0", "1.5.0", "1.4.3"),
        ("2.0.0-rc.1", "2.0.0", "2.0.0", "2.0.0"),
        ("1.5.0-beta", "2.0.0", "1.5.0", "1.5.0"),
        ("1.4.3-0", "2.0.0", "1.5.0", "1.4.3"),
        ("0.5.0-rc.1", "0.5.0", "0.5.0", "0.5.0"),
        ("0.4.3-rc.1", "0.5.0", "0.4.3", "0.4.3"),
    ],
)
def test_the_next_version_follows_from_the_verdict(version, major, minor, patch):
    assert next_version(version, "major") == major
    assert next_version(version, "minor") == minor
    assert next_version(version, "patch") == patch
    assert next_version(version, "none") == version


NONE = ["", "1", "1.4", "v1.4.2", "1.4.2.1", "01.4.2", "1.4.2-", "1.4.2-01", "1.4.2+", "1.4.x", " 1.4.2", "1.4.2\n"]


@pytest.mark.parametrize("version", [*NONE, "\u0661.4.2", f"1.{'9' * 5000}.0"], ids=lambda version: repr(version[:9]))
def test_what_is_no_version_is_refused_with_what_would_be_one(version):
    for verdict in ("major", "none"):
        with pytest.raises(VersionInvalid, match=r"such as 1\.4\.2"):
            next_version(version, verdict)
