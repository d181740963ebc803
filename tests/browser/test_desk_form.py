"""The desk's form in a real browser: quick, by hand or by keyboard, with scripts or without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.walk import Walk
from tests.support.pages import Service

pytestmark = [pytest.mark.browser, pytest.mark.database]

CONFIRMED = "Rendez-vous confirmé"


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


@pytest.mark.parametrize(("called", "name"), [(None, "Durand"), ("Appelé : pas dans ce délai", "Moreau")])
def test_a_booking_takes_at_most_twelve_acts(open_page: Open, called: str | None, name: str) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.patient(name, called=called)
    walk.book()
    heading(walk.page, CONFIRMED)
    assert walk.acts <= 12


def test_the_form_works_without_scripts_on_a_phone(open_page: Open) -> None:
    walk = Walk(open_page("pharmacie", java_script_enabled=False, viewport=PHONE))
    walk.first_page()
    walk.tap("Continuer")
    walk.no_sign()
    walk.patient("Petit")
    expect(walk.page.get_by_role("timer")).to_be_hidden()
    walk.tap("Choisir")
    expect(walk.page.get_by_text("Retenu jusqu’à")).to_be_visible()
    walk.tap("Confirmer le rendez-vous")
    heading(walk.page, CONFIRMED)


def test_the_form_works_by_keyboard_alone(open_page: Open) -> None:
    page = open_page("pharmacie")
    press = page.keyboard.press
    page.get_by_role("searchbox").focus()
    page.keyboard.type("oreille")
    press("Enter")
    expect(page.get_by_label("Douleur d’oreille")).to_be_checked()
    expect(page.locator("#signes")).to_be_visible()
    press("Tab")
    expect(page.get_by_label("Date de naissance du patient")).to_be_focused()
    page.keyboard.type("05041985")
    press("Tab")
    press("Space")
    expect(page.get_by_label("Femme")).to_be_checked()
    page.get_by_role("button", name="Aucun signe d’alerte").focus()
    press("Enter")
    heading(page, "Patient et médecin traitant")


def test_a_reason_tapped_before_the_scripts_arrive_brings_its_signs(open_page: Open) -> None:
    page = open_page("pharmacie")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/htmx.min.js*", hold)
    page.goto("/", wait_until="commit")
    Walk(page).tap("Zona", role="choice")
    expect(page.get_by_label("Zona")).to_be_checked()
    assert page.locator("#signes").count() == 0
    for route in held:
        route.continue_()
    expect(page.locator("#signes")).to_be_visible()


def test_the_reasons_are_found_whatever_the_accents(open_page: Open) -> None:
    page = open_page("pharmacie")
    page.get_by_role("searchbox").fill("fievre")
    expect(page.locator("#motifs .choice:visible")).to_have_count(1)
    page.get_by_role("searchbox").fill("fracture ouverte")
    expect(page.locator("#filtre-etat")).to_contain_text("116 117")


def test_a_picked_reason_stands_alone_until_it_is_changed(open_page: Open) -> None:
    page = open_page("pharmacie")
    Walk(page).tap("Zona", role="choice")
    expect(page.locator("#motifs .choice:visible")).to_have_count(1)
    page.get_by_role("button", name="Changer de motif").click()
    assert page.locator("#motifs .choice:visible").count() > 10


def test_a_ticked_sign_leaves_one_way_out(open_page: Open) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.tap("Douleur dans la poitrine", role="choice")
    expect(walk.page.get_by_role("button", name="Aucun signe d’alerte")).to_be_hidden()
    walk.tap("Signe d’alerte présent")
    heading(walk.page, "Appelez le 15")


def test_the_summary_of_faults_has_the_focus_and_leads_to_the_fields(open_page: Open) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.tap("Voir les créneaux")
    expect(walk.page.locator("#erreurs")).to_be_focused()
    walk.page.get_by_role("link", name="Indiquez le nom du patient").click()
    expect(walk.page.get_by_label("Nom", exact=True)).to_be_focused()


def test_a_slot_taken_meanwhile_shows_others(open_page: Open) -> None:
    # Without scripts: with them the slot that is taken leaves the screen before it can be tapped.
    slow, quick = Walk(open_page("pharmacie", java_script_enabled=False)), Walk(open_page("infirmiers"))
    for walk, name in ((slow, "Simon"), (quick, "Laurent")):
        walk.first_page()
        if walk is slow:
            walk.tap("Continuer")
        walk.no_sign()
        walk.patient(name)
    quick.tap("Choisir")
    slow.tap("Choisir")
    expect(slow.page.get_by_role("status").first).to_contain_text("vient d’être pris")
    heading(slow.page, "Créneaux proposés")


def test_going_back_after_confirming_books_nothing_more(open_page: Open) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.patient("Michel")
    walk.book()
    heading(walk.page, CONFIRMED)
    ticket = walk.page.url
    walk.page.go_back()
    walk.page.reload()
    expect(walk.page).to_have_url(ticket)


def test_a_finished_session_gives_back_what_was_typed(open_page: Open) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.page.context.clear_cookies()
    walk.patient("Garcia")
    heading(walk.page, "Connexion")
    walk.page.get_by_label("Identifiant").fill("pharmacie")
    walk.page.get_by_label("Mot de passe").fill("une phrase assez longue")
    walk.tap("Se connecter")
    expect(walk.page.get_by_label("Nom", exact=True)).to_have_value("Garcia")


def test_signs_asked_for_after_the_session_ended_say_so(open_page: Open) -> None:
    page = open_page("pharmacie")
    page.context.clear_cookies()
    Walk(page).tap("Zona", role="choice")
    expect(page.get_by_role("alert")).to_contain_text("Votre session a expiré")


def test_the_countdown_runs_and_a_lapsed_hold_shows_other_slots(open_page: Open, service: Service) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.patient("Roux")
    walk.tap("Choisir")
    expect(walk.page.get_by_role("timer")).to_have_text(re.compile(r"4 min 5\d s"))
    before = service.clock.instant
    service.clock.instant = before.replace(minute=6)
    try:
        walk.tap("Confirmer le rendez-vous")
        expect(walk.page.get_by_role("status").first).to_contain_text("Le temps de confirmation est écoulé")
        heading(walk.page, "Créneaux proposés")
    finally:
        service.clock.instant = before


def test_the_printed_ticket_is_the_ticket_alone(open_page: Open) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.patient("Vincent")
    walk.book()
    walk.page.emulate_media(media="print")
    expect(walk.page.locator(".code")).to_be_visible()
    expect(walk.page.get_by_role("banner")).to_be_hidden()
    expect(walk.page.get_by_role("button", name="Imprimer")).to_be_hidden()
