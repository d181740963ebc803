"""The pages of indicators in a real browser: accessible, light, and walked by keyboard and forms alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.pages import TUESDAY, Service

pytestmark = [pytest.mark.browser, pytest.mark.database]

HERE = "/coordination/indicateurs"


@pytest.fixture(autouse=True)
def in_the_evening(service: Service) -> None:
    service.clock.instant = TUESDAY.replace(hour=18)


@look
def test_the_pages_of_indicators_are_accessible(open_page: Open, look: dict[str, Any]) -> None:
    page = open_page("coordination", **look)
    for address in (
        "",
        "/creneaux-publies?periode=month&repartir=profession",
        "/nouveau",
        "/servis-48h/modifier",
    ):
        page.goto(HERE + address)
        page.locator("h1").wait_for()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        check(page)
    page.goto(f"{HERE}/nouveau")
    page.get_by_role("button", name="Enregistrer").click()
    check(page)


def test_a_chart_a_comparison_and_the_report_are_reached_from_the_page(open_page: Open) -> None:
    page = open_page("coordination")
    page.goto(HERE)
    assert weight(page, HERE) < MAX_PAGE_BYTES
    page.get_by_label("Période", exact=True).select_option("Mois")
    page.get_by_label("Un jour de la période").fill("2026-11-24")
    page.get_by_role("button", name="Montrer").click()
    expect(page.get_by_role("heading", name="Indicateurs, novembre 2026")).to_be_visible()
    expect(page.get_by_role("img", name="Créneaux publiés : 5 barres")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == "indicateurs-pays-de-retz-2026.pdf"
    page.get_by_role("link", name="Créneaux publiés").click()
    expect(page.get_by_role("heading", name="Créneaux publiés")).to_be_visible()
