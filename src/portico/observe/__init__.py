"""What an operator sees: metrics, the access log and the other logs."""

from portico.observe.access_log import AccessLog
from portico.observe.metrics import Metrics, Tally

__all__ = ["AccessLog", "Metrics", "Tally"]
