"""Portico: a secured API platform that starts from the design.

What handlers import: `Context`, the type of their `ctx`, and `NotWritten`, which stubs raise.
"""

from portico.context import Caller, Context
from portico.errors import NotWritten

__all__ = ["Caller", "Context", "NotWritten"]

__version__ = "0.1.0"
