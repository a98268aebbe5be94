"""From the model to a running ASGI application."""

from portico.gateway.application import Gateway

__all__ = ["Gateway"]
