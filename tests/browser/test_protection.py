"""The pages of the data-protection delegate in a real browser: accessible, complete, told in the journal."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.support.console import Console
from tests.support.pages import TUESDAY, Service

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


@look
def test_a_person_is_shown_put_right_and_forgotten(
    open_page: Open, look: dict[str, Any], colleague: Console
) -> None:
    name = "Kerlau" + look["color_scheme"][0]
    call = colleague.call(name)
    number = call.text.split("Dossier ")[1].split()[0].strip(".,<")
    page = open_page("dpo", **look)
    expect(page.get_by_role("heading", name="Journal des accès")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Droits d’une personne").click()
    check(page)
    page.get_by_label("Numéro d’un dossier").fill(number)
    page.get_by_role("button", name="Montrer").click()
    expect(page.get_by_text("Dites pourquoi").first).to_be_visible()
    page.get_by_label("Pourquoi").fill("demande écrite")
    page.get_by_role("button", name="Montrer").click()
    expect(page.get_by_role("heading", name=name.upper())).to_be_visible()
    page.get_by_text("Rectifier l’identité").click()
    page.get_by_label("Prénom").fill("Yannig")
    check(page)
    page.get_by_role("button", name="Rectifier").click()
    expect(page.get_by_text("L’identité est rectifiée")).to_be_visible()
    page.goto(f"/protection?dossier={number}")
    expect(page.get_by_text("demande écrite").first).to_be_visible()
    check(page)
