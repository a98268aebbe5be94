"""Portico: a secured API platform that starts from the design."""

from portico.errors import NotWritten

__all__ = ["NotWritten"]

__version__ = "0.1.0"
