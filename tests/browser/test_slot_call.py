"""The page of a call for slots on a phone and on a dark desktop: accessible, light, one tap a moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from regulation.coverage import service as coverage
from regulation.coverage.halves import HalfDay
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import PractitionerDetails
from snp.platform.actors import system
from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.pages import TUESDAY, Service

pytestmark = [pytest.mark.browser, pytest.mark.database]
BY = system("tests")


@look
def test_the_page_of_a_call_is_accessible_and_publishes_by_one_tap(
    open_page: Open, look: dict[str, Any], service: Service
) -> None:
    service.clock.instant = TUESDAY
    dark = look["color_scheme"] == "dark"
    with service.wiring.transaction() as session:
        one = directory.get_practitioner(session, service.town.doctors[dark], now=TUESDAY)
        details = PractitionerDetails(
            given_name=one.given_name,
            family_name=one.family_name,
            profession=one.profession,
            rpps=one.rpps,
            title=one.title,
            phone=f"+3363998000{int(dark)}",
            site_ids=frozenset(one.site_ids),
        )
        directory.update_practitioner(session, one.id, details, version=one.version, by=BY, now=TUESDAY)
        half = HalfDay(local_day(TUESDAY) + timedelta(days=2 + dark), False)
        call = coverage.open_call(
            session, service.town.territory, "medecin_generaliste", {half: 6}, by=BY, now=TUESDAY
        )
        ask = next(a for a in coverage.asks(session, call.id) if a.practitioner_id == one.id)
        link = f"/lien/{coverage.secret_of(ask.id, service.wiring.keys)}"

    page = open_page(**look)
    page.goto(link)
    assert weight(page, link) < MAX_PAGE_BYTES
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    check(page)
    page.get_by_role("button", name="2 patients").first.click()
    expect(page.get_by_text("Merci : c’est publié")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Pas cette semaine").click()
    expect(page.get_by_role("button", name="Me solliciter à nouveau")).to_be_visible()
    check(page)

    board = open_page("coordination", **look)
    board.goto(f"/coordination/couverture/appels/{call.id}")
    expect(board.get_by_text("2 / 6")).to_be_visible()
    check(board)
