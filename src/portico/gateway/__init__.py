"""From the model to a running ASGI application."""

from portico.gateway import late  # noqa: F401 - before anything imports Connexion

# isort: split
from portico.gateway.application import Gateway

__all__ = ["Gateway"]
