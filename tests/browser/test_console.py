"""The console in a real browser: by keyboard alone, on a phone, and when things change under the operator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api.main import create_app
from snp.platform.db import create_engine
from tests.browser.conftest import DESKTOP, Open
from tests.browser.test_accessibility import check, look
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.console import Console
from tests.support.http import RunningServer
from tests.support.pages import PASSWORD, TUESDAY, Service

pytestmark = [pytest.mark.browser, pytest.mark.database]

PATIENCE = 30_000


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    """Each test starts at ten."""
    service.clock.instant = TUESDAY


@pytest.fixture
def second(service: Service) -> Iterator[Service]:
    """Another process on the same database."""
    wiring = service.wiring
    engine = create_engine(wiring.engine.url, wiring.settings)
    app = create_app(wiring.settings, engine=engine, keys=wiring.keys, clock=wiring.clock)
    server = RunningServer(app)
    server.start()
    yield Service(server.url, app.state.wiring, service.clock, service.town, server)
    server.stop()
    engine.dispose()


class Keyboard:
    """Hands that never touch a mouse. An interaction is a field answered or a control set off.

    Tab, which moves on from a field, is part of answering it; a field is only ever reached by Tab.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.interactions = 0

    def shortcut(self, letter: str) -> None:
        """Press Alt and a letter, as a keyboard does: Playwright's own keys leave the letter's sign out."""
        self.interactions += 1
        browser = self.page.context.new_cdp_session(self.page)
        pressed = {
            "key": letter,
            "code": f"Key{letter.upper()}",
            "windowsVirtualKeyCode": ord(letter.upper()),
            "modifiers": 1,
        }
        sign = {"text": letter, "unmodifiedText": letter}
        for event in ({"type": "rawKeyDown"}, {"type": "char", **sign}, {"type": "keyUp"}):
            browser.send("Input.dispatchKeyEvent", {**event, **pressed})
        browser.detach()

    def reach(self, name: str) -> None:
        """Tab until a field has the focus."""
        for _ in range(40):
            if self.page.evaluate("document.activeElement?.name ?? ''") == name:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{name} is out of reach of the keyboard")

    def fill(self, name: str, words: str) -> None:
        """Answer a field in words."""
        self.reach(name)
        self.page.keyboard.type(words)
        self.interactions += 1

    def choose(self, name: str, *, down: int = 0) -> None:
        """Answer a question by its first choice, or one further down."""
        self.reach(name)
        self.page.keyboard.press("Space")
        for _ in range(down):
            self.page.keyboard.press("ArrowDown")
        self.interactions += 1

    def call(self, name: str, number: str) -> None:
        """Take a call, from the key that opens the form to the one that opens the dossier."""
        self.page.get_by_role("heading", name="Dossiers ouverts").wait_for()
        self.shortcut("n")
        self.page.wait_for_url("**/regulation/appel")
        self.fill("nom", name)
        self.fill("prenom", "Jeanne")
        self.fill("naissance", "05041985")
        self.fill("telephone", number)
        self.choose("sexe")
        self.fill("commune", "44210")
        self.choose("mt")
        self.page.keyboard.press("Enter")
        self.interactions += 1
        self.page.wait_for_url("**/regulation/dossiers/*")


def test_a_regulateur_goes_from_the_call_to_the_appointment_by_keyboard(open_page: Open) -> None:
    hands = Keyboard(open_page("regulateur"))
    hands.call("Allard", "0611000001")
    hands.shortcut("k")
    expect(hands.page.get_by_role("heading", name="Créneaux proposés")).to_be_visible()
    hands.shortcut("p")
    expect(hands.page.get_by_role("heading", name="Confirmer le rendez-vous")).to_be_visible()
    hands.shortcut("k")
    expect(hands.page.get_by_role("heading", name="Rendez-vous confirmé")).to_be_visible()
    assert hands.interactions <= 15


def test_an_osnp_goes_from_the_call_to_the_appointment_by_keyboard(
    open_page: Open, colleague: Console
) -> None:
    hands = Keyboard(open_page("osnp"))
    hands.call("Bonnin", "0611000002")
    hands.shortcut("k")
    expect(hands.page.get_by_text("Le médecin régulateur décide")).to_have_count(2)
    here = hands.page.url.split("?")[0]
    colleague.decide(colleague.visitor.see(here))
    link = hands.page.get_by_role("link", name="Voir où il en est")
    expect(link).to_be_visible(timeout=PATIENCE)
    link.focus()
    hands.page.keyboard.press("Enter")
    hands.interactions += 1
    expect(hands.page.get_by_role("heading", name="Créneaux proposés")).to_be_visible()
    hands.shortcut("p")
    expect(hands.page.get_by_role("heading", name="Confirmer le rendez-vous")).to_be_visible()
    hands.shortcut("k")
    expect(hands.page.get_by_role("heading", name="Rendez-vous confirmé")).to_be_visible()
    assert hands.interactions <= 15


def test_a_slot_taken_in_another_process_disappears_from_the_screen(
    open_page: Open, second: Service, colleague: Console, service: Service
) -> None:
    mine = colleague.decide(colleague.call("Cadoret"))
    rival = colleague.decide(colleague.call("Drouet"))
    page = open_page("osnp", base_url=second.address)
    page.goto(mine.path)
    first = page.locator(".proposal h2").first.inner_text()
    colleague.visitor.send(rival.form("/retenir"))
    expect(page.locator(".proposal h2").first).not_to_have_text(first, timeout=PATIENCE)
    expect(page.locator(".proposal")).to_have_count(5)


def test_the_queue_shows_a_dossier_opened_elsewhere(
    open_page: Open, second: Service, colleague: Console
) -> None:
    page = open_page("arm", base_url=second.address)
    page.goto("/regulation?etat=evaluer")
    dossier = colleague.call("Esnault").path.rsplit("/", 1)[-1]
    expect(page.locator(f"#d-{dossier}")).to_be_visible(timeout=PATIENCE)


def test_a_new_list_keeps_the_focus_where_the_operator_is(open_page: Open, colleague: Console) -> None:
    mine = colleague.decide(colleague.call("Foucher"))
    rival = colleague.decide(colleague.call("Garnier"))
    page = open_page("osnp")
    page.goto(mine.path)
    page.locator("#choisir-2").focus()
    first = page.locator(".proposal h2").first.inner_text()
    colleague.visitor.send(rival.form("/retenir"))
    expect(page.locator(".proposal h2").first).not_to_have_text(first, timeout=PATIENCE)
    assert page.evaluate("document.activeElement.id") == "choisir-2"


def test_a_choice_that_comes_too_late_meets_fresh_proposals(open_page: Open, colleague: Console) -> None:
    mine = colleague.decide(colleague.call("Hamon"))
    rival = colleague.decide(colleague.call("Jouin"))
    page = open_page("osnp", java_script_enabled=False)
    page.goto(mine.path)
    colleague.visitor.send(rival.form("/retenir"))
    page.get_by_role("button", name="Choisir").first.click()
    expect(page.get_by_text("vient d’être pris")).to_be_visible()
    expect(page.get_by_role("heading", name="Créneaux proposés")).to_be_visible()


def test_a_session_that_ended_during_a_call_gives_the_form_back(open_page: Open) -> None:
    page = open_page("osnp")
    page.goto("/regulation/appel")
    page.get_by_label("Nom", exact=True).fill("Kerboul")
    page.get_by_label("Note pour le régulateur").fill("toux depuis hier")
    page.context.clear_cookies()
    page.get_by_role("button", name="Ouvrir le dossier").click()
    page.get_by_label("Identifiant").fill("osnp")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Kerboul")
    expect(page.get_by_label("Note pour le régulateur")).to_have_value("toux depuis hier")


def test_a_page_hears_again_once_the_service_is_back(
    chromium: Browser, service: Service, colleague: Console
) -> None:
    """The stream is cut by the end of its process and taken up with the next, which missed a change."""
    mine = colleague.decide(colleague.call("Leduc"))
    rival = colleague.decide(colleague.call("Macé"))
    wiring = service.wiring
    engine = create_engine(wiring.engine.url, wiring.settings)

    def app() -> Any:
        return create_app(wiring.settings, engine=engine, keys=wiring.keys, clock=wiring.clock)

    before = RunningServer(app())
    before.start()
    context = chromium.new_context(base_url=before.url, locale="fr-FR", viewport=DESKTOP)
    page = context.new_page()
    page.goto("/connexion")
    page.get_by_label("Identifiant").fill("osnp")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.goto(mine.path)
    first = page.locator(".proposal h2").first.inner_text()
    before.stop()
    colleague.visitor.send(rival.form("/retenir"))
    after = RunningServer(app(), port=int(before.url.rsplit(":", 1)[-1]))
    after.start()
    expect(page.locator(".proposal h2").first).not_to_have_text(first, timeout=PATIENCE)
    context.close()
    after.stop()
    engine.dispose()


def test_the_commune_is_completed_while_it_is_typed(open_page: Open) -> None:
    page = open_page("arm")
    page.goto("/regulation/appel")
    page.get_by_label("Commune où il se trouve").press_sequentially("machec")
    expect(page.locator('#communes option[value^="Machecoul"]')).to_have_count(1, timeout=PATIENCE)
    expect(page.locator("#communes option")).to_have_count(1)


@look
def test_every_page_of_the_console_is_accessible(
    open_page: Open, look: dict[str, Any], colleague: Console, service: Service
) -> None:
    name = "Pasquier" if look["color_scheme"] == "dark" else "Prigent"
    waiting = colleague.call(f"{name}a", mt="oui", mt_appel="pas_appele")
    seeking = colleague.decide(colleague.call(name))
    booked = colleague.decide(colleague.call(f"{name}b"))
    colleague.book(booked)
    stopped = colleague.call(f"{name}c", gravite="r2")
    page = open_page("regulateur", **look)
    for address in ("/regulation", "/regulation?priorite=P0", "/regulation/appel", "/regulation/rappels"):
        page.goto(address)
        check(page)
    for dossier in (waiting, seeking, booked, stopped):
        page.goto(dossier.path)
        check(page)
    page.goto("/regulation/appel")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    check(page)
    page.goto(colleague.call(f"{name}d").path)
    check(page)
    page.goto(seeking.path)
    page.get_by_role("button", name="Choisir").first.click()
    check(page)
    page.get_by_role("button", name="Voir d’autres créneaux").click()
    service.clock.advance(timedelta(hours=9))
    page.goto("/regulation/rappels")
    check(page)


def test_no_page_of_the_console_is_heavy(open_page: Open, colleague: Console) -> None:
    seeking = colleague.decide(colleague.call("Quemener"))
    page = open_page("regulateur")
    for address in ("/regulation", "/regulation/appel", seeking.path):
        assert weight(page, address) < MAX_PAGE_BYTES
