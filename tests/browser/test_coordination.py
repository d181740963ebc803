"""The coordinator's pages in a real browser: accessible, alive, light, and safe from a lost session."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.console import Console
from tests.support.pages import PASSWORD, TUESDAY, Service

pytestmark = [pytest.mark.browser, pytest.mark.database]

PATIENCE = 30_000


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


def test_the_board_follows_what_is_booked_elsewhere(open_page: Open, colleague: Console) -> None:
    seeking = colleague.decide(colleague.call("Auffret"))
    page = open_page("coordination")
    taken = page.locator(".figures div", has_text="Pris").locator("dd")
    expect(taken).to_be_visible()
    before = int(taken.inner_text())
    colleague.book(seeking)
    expect(taken).to_have_text(str(before + 1), timeout=PATIENCE)


def test_settings_typed_in_a_lost_session_are_not_written_silently(open_page: Open) -> None:
    page = open_page("coordination")
    page.goto("/coordination/reglages")
    page.get_by_label("Créneaux proposés").fill("4")
    page.context.clear_cookies()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_label("Identifiant").fill("coordination")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_label("Créneaux proposés")).to_have_value("4")
    expect(page.get_by_text("Rien n’est encore enregistré")).to_be_visible()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Les réglages sont enregistrés")).to_be_visible()


@look
def test_every_page_of_the_coordination_is_accessible(
    open_page: Open, look: dict[str, Any], colleague: Console, service: Service
) -> None:
    colleague.book(colleague.decide(colleague.call("Bescond" + look["color_scheme"][0])))
    colleague.call("Cadiou" + look["color_scheme"][0])
    page = open_page("coordination", **look)
    for address in (
        "/coordination",
        "/coordination/couverture",
        "/coordination/couverture/appel?profession=medecin_generaliste&n-2026-11-27-am=2",
        "/coordination/couverture/appels",
        "/coordination/personnes?ajouter=guil",
        "/coordination/personnes?q=personne",
        "/coordination/comptoirs",
        "/coordination/voisins",
        f"/coordination/personnes/{service.town.doctors[0]}/liens",
        "/coordination/envois",
        "/coordination/reglages",
        "/premiers-pas",
        "/premiers-pas/communes?q=machecoul",
        "/premiers-pas/horaires",
        "/premiers-pas/professionnels",
    ):
        page.goto(address)
        page.locator("h1").wait_for()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        check(page)
    page.goto("/coordination/comptoirs")
    page.get_by_role("button", name="Créer la clé").click()
    check(page)
    page.goto("/coordination/reglages")
    page.get_by_label("Créneau retenu").fill("90")
    page.get_by_role("button", name="Enregistrer").click()
    check(page)
    admin = open_page("admin", **look)
    admin.goto("/premiers-pas/territoire")
    check(admin)


def test_a_key_is_made_on_a_phone(open_page: Open) -> None:
    page = open_page("coordination", viewport={"width": 390, "height": 844})
    page.goto("/coordination/comptoirs")
    page.locator("#role-cle").select_option("osnp")
    page.get_by_label("Logiciel").fill("Console du SAMU")
    page.get_by_role("button", name="Créer la clé").click()
    expect(page.locator(".secret")).to_contain_text("snp_")
    check(page)


def test_no_page_of_the_coordination_is_heavy(open_page: Open) -> None:
    page = open_page("coordination")
    for address in (
        "/coordination",
        "/coordination/couverture",
        "/coordination/comptoirs",
        "/coordination/reglages",
    ):
        assert weight(page, address) < MAX_PAGE_BYTES
