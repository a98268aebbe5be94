"""From the model to a running ASGI application."""

from portico.gateway.application import Gateway
from portico.gateway.context import Caller, Context

__all__ = ["Caller", "Context", "Gateway"]
