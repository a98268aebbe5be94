"""How much each API key has called, and what is left of its quotas."""

from portico.access.usage.meter import Count, Meter
from portico.access.usage.repository import Cell, Spent

__all__ = ["Cell", "Count", "Meter", "Spent"]
