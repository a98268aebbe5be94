"""The page at /account: where those who hold API keys see how they stand, and rotate their keys."""

from portico.access.account.application import PATH, Account

__all__ = ["PATH", "Account"]
