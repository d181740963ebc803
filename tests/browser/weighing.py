"""What a page weighs on the way: its HTML and every file that it names, compressed as a server does."""

from __future__ import annotations

import gzip
import re

from playwright.sync_api import Page

MAX_PAGE_BYTES = 100_000
_FILES = re.compile(r'(?:src|href)="(/static/[^"]+)"')


def weight(page: Page, address: str) -> int:
    """Bytes of a page for who opens it first, seen by whoever signed in on `page`."""
    page.wait_for_url(lambda now: "/connexion" not in now)
    html = page.request.get(address).body()
    files = set(_FILES.findall(html.decode()))
    assert len(files) >= 4, "a page names its style sheets, its scripts and its mark"
    bodies = [html, *(page.request.get(file).body() for file in sorted(files))]
    return sum(len(gzip.compress(body)) for body in bodies)
