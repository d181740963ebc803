"""The practitioner's pages in a real browser: quick on a phone, with scripts or without."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from api.security import service as security
from slots.agenda import service as agenda
from slots.agenda.facts import Offer, Wish
from snp.assignment.facts import Audience, Mode
from snp.directory import service as directory
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.test_accessibility import check
from tests.browser.walk import Walk
from tests.browser.weighing import MAX_PAGE_BYTES, weight
from tests.support.agenda import local
from tests.support.directory import ADMINISTRATOR
from tests.support.pages import PASSWORD, Service

pytestmark = [pytest.mark.browser, pytest.mark.database]

LOOKS: list[dict[str, Any]] = [
    {"viewport": PHONE, "color_scheme": "light"},
    {"viewport": DESKTOP, "color_scheme": "dark"},
]
look = pytest.mark.parametrize("look", LOOKS, ids=["phone-light", "desktop-dark"])
WEEKS = count()


@pytest.fixture
def monday() -> datetime:
    """Six in the evening of a Monday that no other test uses."""
    return local("2026-11-30 18:00") + timedelta(days=7 * next(WEEKS))


@pytest.fixture
def day(monday: datetime) -> str:
    """The same Monday as a field takes it."""
    return f"{monday:%d/%m/%Y}"


def offer_of(service: Service, session: Any) -> Offer:
    doctor = directory.get_practitioner(session, service.town.doctors[0], now=service.clock.now())
    here = frozenset({service.town.territory})
    return Offer(doctor.site_ids[0], Mode.AMB, frozenset({Audience.REGULATION}), here, slot_minutes=15)


def propose(service: Service, *starts: datetime) -> str:
    """The address of a magic link that proposes slots."""
    with service.wiring.transaction() as session:
        offer, now = offer_of(service, session), service.clock.now()
        made = security.create_link(
            session,
            service.town.doctors[0],
            [Wish(start, offer) for start in starts],
            codes=service.wiring.keys.hasher(),
            by=ADMINISTRATOR,
            now=now,
        )
    return f"/lien/{made.secret}"


def publish_elsewhere(service: Service, start: datetime) -> None:
    """The same practitioner publishes a slot on another device."""
    with service.wiring.transaction() as session:
        offer, now = offer_of(service, session), service.clock.now()
        agenda.publish_slot(session, service.town.doctors[0], start, offer, by=ADMINISTRATOR, now=now)


def pick(page: Page, words: str) -> None:
    page.locator("label.pill", has_text=words).first.click()


def type_day(page: Page, day: str, at: str = "18h") -> None:
    page.get_by_text("Autre jour, heure").click()
    page.get_by_label("Autre jour").fill(day)
    page.get_by_label("Autre heure").fill(at)


def sign_in(page: Page) -> None:
    page.get_by_label("Identifiant").fill("guillou")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_three_taps_publish_two_slots(open_page: Open, scripts: bool) -> None:
    page = open_page("guillou", viewport=PHONE, java_script_enabled=scripts)
    pick(page, "Samedi 28")
    pick(page, "8 h 30" if scripts else "11 h 30")
    page.get_by_role("button", name="2 patients").click()
    expect(page.get_by_role("status")).to_contain_text("2 créneaux publiés, samedi 28")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_two_slots_from_a_magic_link_take_one_act(
    open_page: Open, service: Service, monday: datetime, scripts: bool
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    acts = 1
    page.goto(propose(service, monday, monday + timedelta(minutes=15)))
    acts += 1
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci")
    expect(page.get_by_text("2 créneaux publiés.")).to_be_visible()
    assert acts <= 4


def test_a_link_answered_on_the_telephone_is_closed_on_the_computer(
    open_page: Open, service: Service, monday: datetime
) -> None:
    address = propose(service, monday)
    phone, desk = open_page(viewport=PHONE), open_page()
    phone.goto(address)
    desk.goto(address)
    phone.get_by_role("button", name="Je ne peux pas").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("C’est noté")
    desk.get_by_role("button", name="Publier").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("C’est noté")


def test_a_proposed_slot_published_meanwhile_is_told_beside_the_boxes(
    open_page: Open, service: Service, monday: datetime
) -> None:
    page = open_page(viewport=PHONE)
    page.goto(propose(service, monday))
    publish_elsewhere(service, monday)
    page.get_by_role("button", name="Publier").click()
    expect(page.locator("#creneaux-erreur")).to_contain_text("occupe déjà ce moment")
    expect(page.get_by_role("button", name="Publier")).to_have_count(0)


def test_an_overlap_published_meanwhile_is_told_beside_the_hour(
    open_page: Open, service: Service, monday: datetime, day: str
) -> None:
    page = open_page("guillou", viewport=PHONE)
    type_day(page, day)
    publish_elsewhere(service, monday)
    page.get_by_role("button", name="1 patient : publier").click()
    expect(page.locator("#erreurs")).to_be_focused()
    expect(page.locator("#autre_heure-erreur")).to_contain_text("occupe déjà ce moment")
    expect(page.get_by_label("Autre jour")).to_have_value(day)
    page.get_by_label("Autre heure").fill("18h30")
    page.get_by_role("button", name="1 patient : publier").click()
    expect(page.get_by_role("status")).to_contain_text("Un créneau publié")


def test_a_finished_session_gives_back_what_was_typed(open_page: Open, day: str) -> None:
    page = open_page("guillou", viewport=PHONE)
    type_day(page, day)
    page.context.clear_cookies()
    page.get_by_role("button", name="1 patient : publier").click()
    sign_in(page)
    expect(page.get_by_label("Autre jour")).to_have_value(day)
    page.get_by_role("button", name="1 patient : publier").click()
    expect(page.get_by_role("status")).to_contain_text("Un créneau publié")


def test_a_service_started_again_changes_nothing_for_who_types(
    open_page: Open, service: Service, day: str
) -> None:
    page = open_page("guillou", viewport=PHONE)
    type_day(page, day)
    service.restart()
    page.get_by_role("button", name="1 patient : publier").click()
    expect(page.get_by_role("status")).to_contain_text("Un créneau publié")


def test_a_free_slot_taken_meanwhile_is_shown_with_who_comes(open_page: Open) -> None:
    page = open_page("guillou")
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.patient("Rapide")
    walk.book()
    when = page.locator(".day.today .slot.offered").first
    when.get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("status")).to_contain_text("Ce créneau vient d’être pris")
    expect(page.get_by_text("Jeanne RAPIDE")).to_be_visible()


def test_who_came_is_said_in_one_tap(open_page: Open, service: Service) -> None:
    walk = Walk(open_page("pharmacie"))
    walk.first_page()
    walk.no_sign()
    walk.patient("Ponctuel")
    walk.book()
    before = service.clock.instant
    service.clock.instant = before.replace(hour=18)
    try:
        page = open_page("guillou", viewport=PHONE)
        page.get_by_role("button", name="Venu Jeanne PONCTUEL").first.click()
        expect(page.get_by_role("status")).to_contain_text("Noté : venu")
    finally:
        service.clock.instant = before


def test_the_week_is_published_by_keyboard_alone(open_page: Open, monday: datetime, day: str) -> None:
    page = open_page("guillou")
    page.get_by_text("Autre jour, heure").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(day)
    page.keyboard.press("Tab")
    page.keyboard.type("18h")
    page.get_by_role("button", name="1 patient : publier").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Un créneau publié")


@look
def test_nothing_serious_on_any_page(
    open_page: Open, service: Service, monday: datetime, day: str, look: dict[str, Any]
) -> None:
    page = open_page("guillou", **look)
    check(page)
    page.get_by_role("button", name="2 patients").click()
    check(page)
    for address in ("plage", "regulier", "absences", "chiffres", "acces", "calendriers"):
        page.goto(f"/agenda/{address}")
        check(page)
    publish_elsewhere(service, monday)
    page.goto(f"/agenda?semaine={monday:%Y-%m-%d}")
    check(page)
    page.locator(".slot .line a").first.click()
    check(page)
    page.goto(f"/agenda/semaine-derniere?semaine={monday + timedelta(days=7):%Y-%m-%d}")
    check(page)
    page.goto("/agenda/calendriers")
    page.get_by_role("button", name="Créer mon adresse").or_(
        page.get_by_role("button", name="Changer d’adresse")
    ).click()
    check(page)
    link = propose(service, monday + timedelta(hours=1))
    page.goto(link)
    check(page)
    page.get_by_role("button", name="Publier").click()
    check(page)
    page.goto("/lien/faux")
    check(page)


def test_an_opening_is_changed_on_a_phone(open_page: Open) -> None:
    page = open_page("guillou", viewport=PHONE)
    page.goto("/agenda/regulier")
    pick(page, "Lundi")
    page.get_by_label("À quelle heure ?").fill("8h15")
    page.get_by_role("button", name="Publier l’ouverture").click()
    expect(page.get_by_role("status")).to_contain_text("créneaux publiés")
    page.get_by_role("link", name="Lundi à 8 h 15").click()
    check(page)
    page.locator("label.choice", has_text="Toutes").click()
    expect(page.locator("#occurrence")).to_be_hidden()
    page.get_by_role("button", name="Supprimer").click()
    expect(page.get_by_role("status")).to_contain_text("retirés")
    expect(page.get_by_role("link", name="Lundi à 8 h 15")).to_have_count(0)


@pytest.mark.parametrize(
    "address", ["", "/plage", "/regulier", "/absences", "/calendriers", "/chiffres", "/acces"]
)
def test_no_page_is_heavy(open_page: Open, address: str) -> None:
    assert weight(open_page("guillou"), f"/agenda{address}") < MAX_PAGE_BYTES
