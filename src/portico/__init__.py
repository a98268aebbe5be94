"""Portico: a secured API platform that starts from the design."""

__version__ = "0.1.0"
