"""From the model of a design to handler stubs and their types; and where handlers have drifted from the design."""

from portico.stubs.drift import drift
from portico.stubs.generate import generate
from portico.stubs.report import Appended, Changed, Elsewhere, Removed, StubsReport
from portico.stubs.signature import signature_faults

__all__ = ["Appended", "Changed", "Elsewhere", "Removed", "StubsReport", "drift", "generate", "signature_faults"]
