"""Signing in with another OpenID provider."""

from portico.identity.federation.sign_in import Federation

__all__ = ["Federation"]
