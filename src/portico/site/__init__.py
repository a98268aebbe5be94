"""What people see in a browser: the static site, the documentation, and the documents that it shows."""

from portico.site.docs import Docs
from portico.site.specs import Specs
from portico.site.static import StaticSite

__all__ = ["Docs", "Specs", "StaticSite"]
