"""Statements and the budget in a real browser: accessible on a phone and a desktop, light on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from snp.directory import service as directory
from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.agenda import local
from tests.support.compensation import UNKNOWN_MT, a_free_slot, a_lived_act, compute, terms_for_physio
from tests.support.pages import Service

pytestmark = [pytest.mark.browser, pytest.mark.database]

NOW = local("2026-12-20 12:00")
COORDINATION = "/coordination/indemnisation"


@pytest.fixture(scope="module")
def lived(service: Service) -> Service:
    """A December with acts, one to confirm, and a slot kept free that is funded."""
    service.clock.instant = NOW
    with service.wiring.transaction() as session:
        keys, town = service.wiring.keys, service.town
        doctor = directory.get_practitioner(session, town.doctors[0], now=NOW)
        here: dict[str, Any] = {"territory": town.territory, "site": doctor.site_ids[0]}
        first = local("2026-12-01 08:00")
        terms_for_physio(session, town.territory, now=first, profession="medecin_generaliste")
        for day, mt in (("09", {}), ("10", {"mt": UNKNOWN_MT})):
            start = local(f"2026-12-{day} 10:00")
            a_lived_act(session, keys, practitioner=doctor.id, start=start, **here, **mt)
        free = local("2026-12-11 14:00")
        a_free_slot(session, practitioner=doctor.id, start=free, now=free - timedelta(days=4), **here)
        compute(session, town.territory, now=NOW)
    return service


@look
def test_the_statements_of_a_practitioner(lived: Service, open_page: Open, look: dict[str, Any]) -> None:
    lived.clock.instant = NOW
    page = open_page("guillou", **look)
    page.goto("/agenda/releves")
    check(page)
    page.get_by_role("link", name="Décembre 2026", exact=True).click()
    page.get_by_role("heading", name="Relevé de décembre 2026").wait_for()
    check(page)
    page.get_by_role("link", name="Mercredi 9 décembre").click()
    page.get_by_role("heading", name="Ce qui s’est passé").wait_for()
    check(page)
    page.goto("/agenda/releves/actes?mois=2026-12")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    check(page)
    assert weight(page, "/agenda/releves/actes?mois=2026-12") < MAX_PAGE_BYTES


@look
def test_the_budget_of_a_cpts(lived: Service, open_page: Open, look: dict[str, Any]) -> None:
    lived.clock.instant = NOW
    page = open_page("coordination", **look)
    for address in ("", "/mois?mois=2026-12", "/mois?mois=2024-01", "/reglages"):
        page.goto(f"{COORDINATION}{address}")
        page.locator("h1").wait_for()
        check(page)
    page.get_by_label("Tarif en euros").fill("beaucoup")
    page.get_by_role("button", name="Enregistrer la règle").click()
    check(page)
    assert weight(page, f"{COORDINATION}/reglages") < MAX_PAGE_BYTES
