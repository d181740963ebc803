"""The pages of rotas in a real browser: accessible on a light phone and a dark desk, and light."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import time
from typing import Any

import pytest

from slots.rota import service as rotas
from slots.rota.facts import Half
from slots.rota.solving import solve_text
from slots.rota.terms import Opening, Room, RotaDetails
from snp.directory import service as directory
from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.directory import a_practitioner
from tests.support.pages import TUESDAY, Service
from tests.support.rota import COORDINATOR, MONDAY

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(scope="module")
def rota(service: Service) -> str:
    """The address of a rota of two doctors, in force, short of some, with an exchange that waits."""
    service.clock.instant = TUESDAY
    with service.wiring.transaction() as session:
        guillou = directory.get_practitioner(session, service.town.doctors[0], now=TUESDAY)
        site = guillou.site_ids[0]
        other = a_practitioner(
            session, site_ids=(site,), member_of=(service.town.territory,), title="Dr", family_name="Tanguy"
        )
        halves = ((Half.MORNING, time(9), time(11)), (Half.EVENING, time(18), time(20)))
        openings = tuple(
            Opening(site, day, half, opens, closes, patients=2)
            for day in range(5)
            for half, opens, closes in halves
        )
        details = RotaDetails("MSP du Port", openings, (Room(site, 2),))
        by = {"by": COORDINATOR, "now": TUESDAY}
        made = rotas.create_rota(session, service.town.territory, details, **by)
        for who in (guillou.id, other.id):
            rotas.put_member(session, made.id, who, now=TUESDAY)
        plan = rotas.ask_plan(session, made.id, MONDAY, 4, **by)
        rotas.solve_plan(lambda: nullcontext(session), plan.id, solve=solve_text, clock=lambda: TUESDAY)
        rotas.confirm_plan(session, plan.id, **by)
        rotas.ask_plan(session, made.id, MONDAY, 12, **by)
        return f"/coordination/roulement/{made.id}"


@look
def test_every_page_of_a_rota_is_accessible(
    open_page: Open, look: dict[str, Any], rota: str, service: Service
) -> None:
    page = open_page("coordination", **look)
    page.goto(rota)
    page.get_by_role("link", name="Nouveau roulement, du").first.wait_for()
    check(page)
    plans = page.get_by_role("link", name="Nouveau roulement, du")
    addresses = [plans.nth(number).get_attribute("href") for number in range(plans.count())]
    for address in (f"{rota}/reglages", f"{rota}/tableau", "/coordination/roulement/nouveau", *addresses):
        page.goto(str(address))
        page.locator("h1").wait_for()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        check(page)
        assert len(page.content().encode()) < MAX_PAGE_BYTES
    mine = open_page("guillou", **look)
    mine.goto("/agenda/gardes")
    check(mine)
    mine.get_by_role("link", name="Pourquoi moi ?").first.click()
    mine.get_by_role("heading", name="Pourquoi moi ?").wait_for()
    check(mine)


def test_no_page_of_a_rota_is_heavy(open_page: Open, rota: str) -> None:
    assert weight(open_page("coordination"), rota) < MAX_PAGE_BYTES
    assert weight(open_page("guillou"), "/agenda/gardes") < MAX_PAGE_BYTES
