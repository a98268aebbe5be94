"""A person with a browser: walks through the real pages, filling in their forms."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

import httpx

PATIENCE = 60.0  # seconds
PAGES = 12  # that one sees at most
_FIELD = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


class Lost(Exception):
    """The pages led nowhere."""


class Person:
    """Somebody who signs in.

    Args:
        name: of a user.
        password: theirs.
    """

    def __init__(self, name: str, password: str) -> None:
        self._values = {"login": name, "password": password}

    def sign_in(self, url: str, *, come_back: bool = True) -> str:
        """Open an address, sign in, and go back to the program that asked; the address of that.

        Args:
            url: of the authorization endpoint.
            come_back: open that address too.
        """
        with self._browser(url) as browser:
            pool = urlsplit(url).netloc
            page = browser.get(url)
            for _ in range(PAGES):
                onward = page.headers.get("location")
                if onward is not None:
                    url = urljoin(str(page.url), onward)
                    if urlsplit(url).netloc != pool:
                        if come_back:
                            httpx.get(url, timeout=PATIENCE)
                        return url
                    page = browser.get(url)
                else:
                    page = self._send(browser, page)
        raise Lost(page.text)

    def allow(self, url: str, code: str) -> None:
        """Sign in and let a device in (RFC 8628 section 3.3).

        Args:
            url: the verification address, with or without the code.
            code: what the device shows.
        """
        values = {"user_code": code}
        with self._browser(url) as browser:
            page = browser.get(url)
            for _ in range(PAGES):
                onward = page.headers.get("location")
                if onward is not None:
                    page = browser.get(urljoin(str(page.url), onward))
                elif "<form" in page.text and page.status_code < 400:
                    page = self._send(browser, page, values)
                else:
                    return
        raise Lost(page.text)

    def _browser(self, url: str) -> httpx.Client:
        parts = urlsplit(url)
        headers = {"origin": f"{parts.scheme}://{parts.netloc}", "x-scenario-browser": "yes"}
        return httpx.Client(timeout=PATIENCE, headers=headers)

    def _send(
        self, browser: httpx.Client, page: httpx.Response, values: dict[str, str] | None = None
    ) -> httpx.Response:
        """Fill in the first form of a page."""
        _, start, form = page.text.partition("<form")
        if not start or page.status_code >= 400:
            raise Lost(page.text)
        tag, _, form = form.partition(">")
        fields = [dict(_ATTRIBUTE.findall(one)) for one in _FIELD.findall(form.partition("</form>")[0])]
        known = {**self._values, **(values or {})}
        sent = {
            one["name"]: known.get(one["name"], html.unescape(one.get("value", "")))
            for one in fields
            if "name" in one and (one.get("type") == "hidden" or one["name"] in known)
        }
        button = dict(_ATTRIBUTE.findall(form.partition("<button")[2].partition(">")[0]))
        if "name" in button:
            sent[button["name"]] = button.get("value", "")
        action = html.unescape(dict(_ATTRIBUTE.findall(tag)).get("action", "")) or str(page.url)
        return browser.post(urljoin(str(page.url), action), data=sent)
