"""SDKs in Python. `runtime` is copied into every package; everything else writes what differs from API to API."""

from portico.sdkgen.python.language import Python

LANGUAGE = Python()

__all__ = ["LANGUAGE"]
