"""What people see in a browser: the static site, the documentation, and the documents that it shows."""

from portico.site.docs import Docs
from portico.site.docs_client import DocsClient
from portico.site.specs import Specs
from portico.site.static import StaticSite

__all__ = ["Docs", "DocsClient", "Specs", "StaticSite"]
