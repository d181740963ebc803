"""axe-core finds nothing on any page, on a phone or a desktop, in light or dark; and no page is heavy."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from regulation.messages.composing import PATIENT_PAGE
from snp.platform.secret_links import secret_text
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.walk import Walk
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.pages import Service

pytestmark = [pytest.mark.browser, pytest.mark.database]

LOOKS: list[dict[str, Any]] = [
    {"viewport": PHONE, "color_scheme": "light"},
    {"viewport": DESKTOP, "color_scheme": "dark"},
]
NARROWEST: ViewportSize = {"width": 320, "height": 640}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

look = pytest.mark.parametrize("look", LOOKS, ids=["phone-light", "desktop-dark"])


def check(page: Page) -> None:
    violations = Axe().run(page, options=RULES).response["violations"]
    told = [(one["impact"], one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations]
    assert told == []
    assert _overflow(page) <= 0, "the page scrolls sideways"
    usual = page.viewport_size
    if usual is not None and usual["width"] == PHONE["width"]:
        page.set_viewport_size(NARROWEST)
        assert _overflow(page) <= 0, "the page scrolls sideways on the narrowest screen (WCAG 1.4.10)"
        page.set_viewport_size(usual)


def _overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@look
def test_the_walk_of_a_desk(open_page: Open, look: dict[str, Any], request: pytest.FixtureRequest) -> None:
    walk = Walk(open_page("pharmacie", **look))
    check(walk.page)
    walk.first_page("Mal de gorge")
    walk.page.locator("#signes").wait_for()
    check(walk.page)
    walk.no_sign()
    check(walk.page)
    walk.tap("Un médecin est nécessaire")
    walk.tap("Voir les créneaux")
    check(walk.page)
    walk.patient("Bertrand" if look["color_scheme"] == "dark" else "Bernard", called="Pas encore appelé")
    check(walk.page)
    walk.tap("Appelé : pas dans ce délai", role="choice")
    walk.tap("Continuer")
    check(walk.page)
    walk.tap("Choisir")
    check(walk.page)
    walk.tap("Confirmer le rendez-vous")
    check(walk.page)
    walk.page.goto("/")
    check(walk.page)


@look
def test_the_call_to_the_15(open_page: Open, look: dict[str, Any]) -> None:
    walk = Walk(open_page("pharmacie", **look))
    walk.first_page()
    walk.tap("Douleur dans la poitrine", role="choice")
    check(walk.page)
    walk.tap("Signe d’alerte présent")
    check(walk.page)


@look
def test_the_pages_of_who_is_not_signed_in(open_page: Open, look: dict[str, Any]) -> None:
    page = open_page(**look)
    for address in ("/connexion", "/rendez-vous", "/nulle-part"):
        page.goto(address)
        check(page)


@look
@pytest.mark.parametrize("login", ["osnp", "coordination", "guillou"])
def test_the_landing_pages(open_page: Open, look: dict[str, Any], login: str) -> None:
    check(open_page(login, **look))


def test_a_page_weighs_less_than_a_hundred_kilobytes_compressed(open_page: Open) -> None:
    assert weight(open_page("pharmacie"), "/") < MAX_PAGE_BYTES


@look
def test_what_a_desk_and_its_patient_find_again(
    open_page: Open, service: Service, look: dict[str, Any]
) -> None:
    walk = Walk(open_page("pharmacie", **look))
    walk.first_page()
    walk.no_sign()
    walk.patient("Lefèvre" if look["color_scheme"] == "dark" else "Leroy")
    walk.book()
    page = walk.page
    page.get_by_role("heading", name="Rendez-vous confirmé").wait_for()
    made = UUID(page.url.rsplit("/", 1)[1])
    for address in ("/comptoir/historique", "/comptoir/historique/traces", "/comptoir/affiche"):
        page.goto(address)
        check(page)
    page.goto(f"/rdv/{secret_text(PATIENT_PAGE, made, service.wiring.keys.hasher())}")
    check(page)
    page.get_by_role("link", name="Déplacer").click()
    page.get_by_role("heading", name="Déplacer votre rendez-vous").wait_for()
    check(page)
    page.get_by_role("button", name="Choisir").last.click()
    page.get_by_text("Le rendez-vous est déplacé").wait_for()
    check(page)
    page.get_by_role("button", name="Annuler mon rendez-vous").click()
    page.get_by_text("Le rendez-vous est annulé").wait_for()
    check(page)
