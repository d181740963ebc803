"""The booking page, without scripts: one screen, one act, nothing typed lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from slots.agenda.facts import FreeSlot
from tests.http.web.sas.conftest import booking_link, enter, free_slots
from tests.support.pages import Service
from tests.support.regulators import TECHNICAL

pytestmark = pytest.mark.database

Send = Callable[..., dict[str, Any]]
_names = iter("Abcdefghijklmnopqrstuvwxyz")


def a_form(slot: FreeSlot, **typed: str) -> dict[str, str]:
    """What a régulateur types for a patient unlike any other."""
    letter = next(_names)
    plain = {
        "creneau": str(slot.id),
        "nom": f"Patient {letter}",
        "prenom": "Camille",
        "naissance": "17/05/1980",
        "sexe": "F",
        "telephone": f"06 39 98 00 {ord(letter) % 100:02d}",
        "commune": "Pornic",
        "mt": "non",
        "motif": "",
        "priorite": "P2",
        "delai": "48",
        "numero": "SAMU-1234",
    }
    return plain | typed


class Desk:
    """A régulateur who came through the platform, on the page of a slot."""

    def __init__(self, service: Service, send_regulator: Send, *, doctor: int = 0) -> None:
        self.service, self.subject, self.doctor = service, str(uuid4()), doctor
        send_regulator(self.subject)
        self.browser = httpx.Client(base_url=service.address, timeout=30, headers={"Accept": "text/html"})
        self.slot = free_slots(service, doctor)[0]
        self.link = booking_link(service, slot=self.slot)
        self.page = enter(self.browser, self.link, self.subject)

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]+)"', self.page.text)
        assert found
        return found[1]

    def send(self, form: dict[str, str]) -> httpx.Response:
        kept = {name: self.hidden(name) for name in ("csrf_token", "brouillon")}
        self.page = self.browser.post(self.link, data=kept | form, follow_redirects=True)
        return self.page

    @property
    def text(self) -> str:
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.page.text)).split())


@pytest.fixture
def arrive(service: Service, send_regulator: Send):
    desks: list[Desk] = []

    def one(**how: Any) -> Desk:
        desks.append(Desk(service, send_regulator, **how))
        return desks[-1]

    yield one
    for desk in desks:
        desk.browser.close()


def rows(service: Service, statement: str, **values: Any) -> list[Any]:
    with service.wiring.transaction() as session:
        return list(session.execute(sa.text(statement), values))


def count_of_requests(service: Service) -> int:
    return rows(service, "SELECT count(*) AS n FROM request")[0].n


def test_one_form_books_and_shows_the_ticket(service: Service, arrive: Callable[..., Desk]) -> None:
    desk = arrive()

    page = desk.send(a_form(desk.slot))

    assert page.status_code == 200
    assert "Rendez-vous confirmé" in desk.text
    assert re.search(r'class="code">[0-9A-Z]{5}-[0-9A-Z]{5}<', page.text)
    (booked,) = rows(
        service,
        "SELECT a.id, s.operator_system, s.operator_value, r.origin, r.priority, r.estimated_delay_h"
        " FROM appointment a JOIN sas_appointment s ON s.appointment_id = a.id"
        " JOIN request r ON r.id = a.request_id WHERE a.slot_id = :slot",
        slot=desk.slot.id,
    )
    assert (booked.operator_system, booked.operator_value) == (TECHNICAL, desk.subject)
    assert (booked.origin, booked.priority, booked.estimated_delay_h) == ("sas", "P2", 48)
    messages = rows(
        service,
        "SELECT payload FROM outbox_message WHERE subject = :subject",
        subject=f"sas-appointment:{booked.id}",
    )
    told = {"appointment_id": str(booked.id), "told_id": str(booked.id), "status": "booked"}
    assert [message.payload for message in messages] == [told]


def test_no_trait_of_the_patient_is_in_an_address(arrive: Callable[..., Desk]) -> None:
    desk = arrive()

    page = desk.send(a_form(desk.slot, nom="Introuvable"))

    assert all("introuvable" not in str(step.url).lower() for step in (*page.history, page))


def test_sent_twice_it_books_once(service: Service, arrive: Callable[..., Desk]) -> None:
    desk = arrive()
    form = a_form(desk.slot) | {name: desk.hidden(name) for name in ("csrf_token", "brouillon")}
    before = count_of_requests(service)

    first = desk.browser.post(desk.link, data=form, follow_redirects=True)
    second = desk.browser.post(desk.link, data=form, follow_redirects=True)

    assert first.url == second.url
    assert count_of_requests(service) == before + 1


def test_what_must_be_revised_is_told_with_everything_typed(
    service: Service, arrive: Callable[..., Desk]
) -> None:
    desk = arrive()
    before = count_of_requests(service)
    wrong = {"naissance": "31/02/1980", "telephone": "12", "commune": "Nulle-Part-les-Bains", "sexe": ""}

    page = desk.send(a_form(desk.slot, nom="Garcia", numero="SAMU-77", **wrong))

    assert page.status_code == 422
    assert "4 réponses sont à revoir" in desk.text
    for typed in ("Garcia", "31/02/1980", "SAMU-77", "Nulle-Part-les-Bains"):
        assert f'value="{typed}"' in page.text
    assert re.search(rf'value="{desk.slot.id}"[^>]* checked', page.text)
    assert count_of_requests(service) == before


def test_an_empty_form_names_every_field(arrive: Callable[..., Desk]) -> None:
    desk = arrive()

    page = desk.send({})

    assert page.status_code == 422
    for told in (
        "Choisissez un créneau",
        "Indiquez le nom",
        "Indiquez le sexe",
        "commune",
        "médecin traitant",
    ):
        assert told in desk.text


def test_a_slot_taken_meanwhile_brings_proposals_and_keeps_what_was_typed(
    service: Service, arrive: Callable[..., Desk]
) -> None:
    slow, quick = arrive(), arrive()
    assert slow.slot == quick.slot
    quick.send(a_form(quick.slot))
    before = count_of_requests(service)

    page = slow.send(a_form(slow.slot, nom="Simon"))

    assert page.status_code == 409
    assert "vient d’être pris" in slow.text
    assert 'value="Simon"' in page.text
    assert count_of_requests(service) == before  # nothing is left behind
    proposals = page.text.split("Propositions")[1].split("<h3>")[0]
    fresh = re.findall(r'name="creneau" value="([0-9a-f-]{36})"', proposals)
    assert fresh
    assert str(slow.slot.id) not in fresh

    slow.send(a_form(slow.slot, nom="Simon", creneau=fresh[0]))
    assert "Rendez-vous confirmé" in slow.text


def test_a_slot_taken_before_the_page_opens_is_told(service: Service, arrive: Callable[..., Desk]) -> None:
    desk = arrive()
    link = desk.link
    desk.send(a_form(desk.slot))

    page = desk.browser.get(link)

    assert page.status_code == 200
    assert "vient d’être pris" in page.text
    assert "checked" not in page.text.split("reservation")[0].split('id="creneau"')[1]


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ({"priorite": "P0"}, "Appelez le 15"),
        ({"mt": "oui", "mt_appel": "peut"}, "Le médecin traitant voit le patient"),
    ],
)
def test_what_ends_elsewhere_says_where(
    service: Service, arrive: Callable[..., Desk], typed: dict[str, str], heading: str
) -> None:
    desk = arrive()

    page = desk.send(a_form(desk.slot, **typed))

    assert page.status_code == 200
    assert heading in desk.text
    assert rows(service, "SELECT 1 FROM appointment WHERE slot_id = :slot", slot=desk.slot.id) == []


def test_the_medecin_traitant_is_called_first_and_nothing_is_left_behind(
    service: Service, arrive: Callable[..., Desk]
) -> None:
    desk = arrive()
    before = count_of_requests(service)

    page = desk.send(a_form(desk.slot, mt="oui", mt_appel="pas_appele", nom="Morel"))

    assert page.status_code == 422
    assert "à appeler d’abord" in desk.text
    assert 'value="Morel"' in page.text
    assert count_of_requests(service) == before
    desk.send(a_form(desk.slot, mt="oui", mt_appel="trop_tard", nom="Morel"))
    assert "Rendez-vous confirmé" in desk.text


def test_an_unknown_medecin_traitant_does_not_stop_anything(arrive: Callable[..., Desk]) -> None:
    desk = arrive()

    desk.send(a_form(desk.slot, mt="inconnu"))

    assert "Rendez-vous confirmé" in desk.text


def test_at_night_the_page_says_so_and_a_need_that_can_wait_is_booked(
    service: Service, arrive: Callable[..., Desk]
) -> None:
    before = service.clock.instant
    service.clock.instant = before - timedelta(hours=5)  # four in the morning
    try:
        desk = arrive()
        assert "Hors des horaires de soins non programmés" in desk.text
        desk.send(a_form(desk.slot))
        assert "La permanence des soins prend le relais" in desk.text
        desk.page = desk.browser.get(desk.link)
        desk.send(a_form(desk.slot, peut_attendre="oui"))
        assert "Rendez-vous confirmé" in desk.text
    finally:
        service.clock.instant = before


def test_a_slot_beyond_the_delay_is_told_at_the_delay(arrive: Callable[..., Desk], service: Service) -> None:
    before = service.clock.instant
    service.clock.instant = before - timedelta(hours=1)
    try:
        desk = arrive()
        page = desk.send(a_form(desk.slot, delai="1"))
    finally:
        service.clock.instant = before

    assert page.status_code == 422
    assert 'id="delai-erreur"' in page.text


def test_a_form_without_its_token_is_refused(service: Service, arrive: Callable[..., Desk]) -> None:
    desk = arrive()

    answer = desk.browser.post(desk.link, data=a_form(desk.slot))

    assert answer.status_code == 403
    assert rows(service, "SELECT 1 FROM appointment WHERE slot_id = :slot", slot=desk.slot.id) == []


def test_a_ticket_is_shown_to_who_booked_it_only(arrive: Callable[..., Desk]) -> None:
    desk, other = arrive(), arrive()
    address = desk.send(a_form(desk.slot)).url

    assert other.browser.get(address).status_code == 404
    assert desk.browser.get(address).status_code == 200


def test_an_end_is_shown_to_who_brought_it_only(arrive: Callable[..., Desk]) -> None:
    desk, other = arrive(), arrive()
    address = desk.send(a_form(desk.slot, priorite="P0")).url

    assert "/sas/dossiers/" in str(address)
    assert other.browser.get(address).status_code == 404


def test_a_need_for_another_practitioner_s_slot_is_booked_all_the_same(
    service: Service, arrive: Callable[..., Desk]
) -> None:
    desk = arrive()
    other = free_slots(service, 1)[0]

    desk.send(a_form(other))

    assert "Rendez-vous confirmé" in desk.text


def test_a_practitioner_who_does_not_consent_is_not_shown_nor_booked(
    service: Service, arrive: Callable[..., Desk]
) -> None:
    desk = arrive()
    doctor = service.town.doctors[0]
    change = "UPDATE practitioner SET preferences = preferences || CAST(:said AS jsonb)"
    switch = f"{change} WHERE id = :id RETURNING id"
    rows(service, switch, said='{"offer_to_sas": false}', id=doctor)
    try:
        assert "Aucun créneau libre" in desk.browser.get(desk.link).text
        assert desk.send(a_form(desk.slot)).status_code == 422
        assert "Choisissez un créneau" in desk.text
    finally:
        rows(service, switch, said='{"offer_to_sas": true}', id=doctor)


def test_a_finished_session_gives_back_what_was_typed(service: Service, arrive: Callable[..., Desk]) -> None:
    desk = arrive()
    before, form = service.clock.instant, a_form(desk.slot, nom="Lebrun")
    service.clock.advance(timedelta(minutes=service.wiring.settings.sas_session_minutes))
    try:
        page = desk.send(form)
        assert page.status_code == 401
        assert "Lebrun" not in page.text
        desk.page = enter(desk.browser, link_back(page), desk.subject)
        assert 'value="Lebrun"' in desk.page.text
        desk.send(form)
        assert "Rendez-vous confirmé" in desk.text
    finally:
        service.clock.instant = before


def test_nobody_else_gets_what_was_typed(service: Service, arrive: Callable[..., Desk]) -> None:
    desk, thief = arrive(), arrive()
    before = service.clock.instant
    service.clock.advance(timedelta(minutes=service.wiring.settings.sas_session_minutes))
    try:
        page = desk.send(a_form(desk.slot, nom="Lebrun"))
        assert "Lebrun" not in enter(thief.browser, link_back(page), thief.subject).text
    finally:
        service.clock.instant = before


def link_back(page: httpx.Response) -> str:
    """Where a page of a finished session leads to."""
    found = re.search(r'href="(/sas/entrer[^"]+)"', page.text)
    assert found
    return html.unescape(found[1])


def test_a_stranger_s_form_is_not_kept(service: Service) -> None:
    link = booking_link(service)
    with httpx.Client(base_url=service.address, cookies={"snp_sas": "x" * 43}) as stranger:
        answer = stranger.post(link, data=a_form(free_slots(service)[0]), headers={"Accept": "text/html"})

    assert answer.status_code == 401
    assert "reprise" not in answer.text


def test_a_slot_kept_from_the_platform_is_neither_shown_nor_booked(
    service: Service, arrive: Callable[..., Desk]
) -> None:
    desk = arrive()
    switch = "UPDATE slot SET sas = :views WHERE id = :id RETURNING id"
    rows(service, switch, views=[], id=desk.slot.id)
    try:
        assert f'value="{desk.slot.id}"' not in desk.browser.get(desk.link).text
        assert desk.send(a_form(desk.slot)).status_code == 422
        assert "Choisissez un créneau" in desk.text
    finally:
        rows(service, switch, views=["individual", "cpts"], id=desk.slot.id)
