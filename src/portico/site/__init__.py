"""What people see in a browser: the static site, the documentation, and the documents that it shows."""

from portico.site.docs import Docs
from portico.site.sign_in import SignIn
from portico.site.specs import Specs
from portico.site.static import StaticSite

__all__ = ["Docs", "SignIn", "Specs", "StaticSite"]
