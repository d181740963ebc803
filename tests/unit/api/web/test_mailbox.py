"""The words of a demonstration's message: addresses become links, anything else stays text."""

from __future__ import annotations

from api.web.mailbox import with_links


def test_an_address_becomes_a_link_and_markup_stays_text() -> None:
    address = "http://127.0.0.1:8000/rdv/abc"
    made = with_links(f"Voir : {address} <script>\n&")
    assert made == f'Voir : <a href="{address}">{address}</a> &lt;script&gt;\n&amp;'


def test_a_text_without_an_address_is_only_escaped() -> None:
    assert with_links('a "b"') == "a &#34;b&#34;"
