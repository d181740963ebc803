"""No page leads to a page that answers by a fault: links are followed, role by role, until all are seen."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable

import httpx
import pytest

from tests.support.pages import Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*|\?[^"#]*)')
ONE_OF = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d(-\d\d)?|(?<==)-?\d+")
OF_A_KIND = 2
"""How many pages of a kind are opened: two dossiers, not each."""
MOST_PAGES = 150


@pytest.mark.parametrize("login", ["pharmacie", "guillou", "regulateur", "coordination"])
def test_every_link_of_a_page_leads_to_a_page(signed_in: SignIn, service: Service, login: str) -> None:
    visitor = signed_in(login)
    faults: list[str] = []
    ahead, seen, kinds = deque(["/"]), {"/"}, Counter[str]()
    options = {"base_url": service.address, "cookies": dict(visitor.cookies), "timeout": 20}
    with httpx.Client(**options, headers={"Accept": "text/html"}) as client:  # type: ignore[arg-type]
        while ahead and sum(kinds.values()) < MOST_PAGES:
            address = ahead.popleft()
            kind = ONE_OF.sub("·", address)
            kinds[kind] += 1
            if kinds[kind] > OF_A_KIND:
                continue
            answer = client.get(address, follow_redirects=True)
            if answer.status_code >= 400:
                faults.append(f"{answer.status_code} {address}")
            if "html" not in answer.headers["content-type"]:
                continue
            here = str(answer.url.copy_with(query=None)).removeprefix(service.address)
            for found in LINK.findall(answer.text):
                to = found.replace("&amp;", "&") if found.startswith("/") else here + found
                if to not in seen and not to.startswith("/static"):
                    seen.add(to)
                    ahead.append(to)
    assert faults == []
    assert len(seen) > OF_A_KIND
