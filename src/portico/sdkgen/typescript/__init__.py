"""SDKs in TypeScript and JavaScript. `runtime` is copied into every package; the rest writes what differs."""

from portico.sdkgen.typescript.language import TypeScript

LANGUAGE = TypeScript()

__all__ = ["LANGUAGE"]
