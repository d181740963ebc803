"""The page behind the link of a message: seen, moved, given up, taken into a calendar; no identity."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
import vobject

from regulation.messages.composing import PATIENT_PAGE
from snp.platform.secret_links import secret_text
from tests.http.web.test_desk import ticket
from tests.support.pages import Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
NAMES = iter(
    (
        "Perrin",
        "Barbier",
        "Renard",
        "Gaillard",
        "Leclerc",
        "Prévost",
        "Meunier",
        "Colin",
        "Aubert",
        "Charpentier",
    )
)
TICKET = re.compile(r"/comptoir/rendez-vous/([0-9a-f-]{36})")


@pytest.fixture
def link(signed_in: SignIn, service: Service) -> str:
    """The address of the page of an appointment just made at the counter."""
    page = ticket(signed_in("pharmacie"), next(NAMES))
    found = TICKET.search(page.path)
    assert found is not None
    hasher = service.wiring.keys.hasher()
    return f"/rdv/{secret_text(PATIENT_PAGE, UUID(found[1]), hasher)}"


def test_the_link_shows_the_appointment_without_a_name(visitor: Visitor, link: str) -> None:
    page = visitor.see(link)
    assert page.status == 200
    assert "Mardi 24 novembre 2026 à" in page.text
    assert "Jeanne" not in page.html
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] in {"same-origin", "no-referrer"}


def test_opening_the_link_changes_nothing(visitor: Visitor, link: str) -> None:
    for _ in range(3):
        assert "Annuler mon rendez-vous" in visitor.see(link).text
        visitor.see(f"{link}/annuler")
    assert "Annuler mon rendez-vous" in visitor.see(link).text


def test_the_patient_gives_it_up_and_the_slot_is_free(visitor: Visitor, link: str) -> None:
    page = visitor.send(visitor.see(link).form("/annuler"))
    assert "Le rendez-vous est annulé" in page.text
    assert "Ce rendez-vous n’est plus valable" in page.text
    assert page.forms == []


def test_the_patient_moves_it_and_the_link_leads_to_the_new_one(
    visitor: Visitor, link: str, service: Service
) -> None:
    before = visitor.see(link).text
    others = visitor.see(f"{link}/deplacer")
    assert len(others.forms) > 1
    page = visitor.send(others.forms[-1])
    assert "Le rendez-vous est déplacé" in page.text
    assert page.text.replace("Le rendez-vous est déplacé.", "") != before
    with service.wiring.transaction() as session:
        events = session.execute(
            sa.text(
                "SELECT payload FROM outbox_message WHERE topic = 'appointment.moved' ORDER BY position DESC"
            )
        ).all()
    assert "replaces_id" in events[0].payload


def test_a_slot_taken_meanwhile_leaves_the_patient_what_he_has(
    visitor: Visitor, link: str, service: Service
) -> None:
    others = visitor.see(f"{link}/deplacer")
    wanted = dict(others.forms[-1].fields)["creneau"]
    with service.wiring.transaction() as session:
        session.execute(sa.text("UPDATE slot SET state = 'withdrawn' WHERE id = :id"), {"id": UUID(wanted)})
    page = visitor.send(others.forms[-1])
    assert "vient d’être pris" in page.text
    assert "Annuler mon rendez-vous" in visitor.see(link).text


@pytest.mark.parametrize("typed", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_slot_that_was_never_shown_is_not_taken(visitor: Visitor, link: str, typed: str) -> None:
    form = visitor.see(f"{link}/deplacer").forms[0]
    page = visitor.send(form, creneau=typed)
    assert page.status == 200
    assert page.path.endswith("/deplacer")


def test_the_calendar_is_read_by_another_parser(visitor: Visitor, link: str) -> None:
    page = visitor.see(f"{link}/rendez-vous.ics")
    assert page.headers["content-type"].startswith("text/calendar")
    event = vobject.readOne(page.html).vevent
    assert event.summary.value == "Rendez-vous"
    assert event.status.value == "CONFIRMED"
    assert event.dtend.value > event.dtstart.value
    first = event.uid.value
    visitor.send(visitor.see(link).form("/annuler"))
    cancelled = vobject.readOne(visitor.see(f"{link}/rendez-vous.ics").html).vevent
    assert (cancelled.uid.value, cancelled.status.value) == (first, "CANCELLED")
    assert int(cancelled.sequence.value) > int(event.sequence.value)


@pytest.mark.parametrize("secret", ["x", "A" * 48, "%00", "é"])
def test_a_link_that_nobody_gave_leads_nowhere(visitor: Visitor, secret: str) -> None:
    for path in ("", "/deplacer", "/rendez-vous.ics"):
        assert visitor.see(f"/rdv/{secret}{path}").status in {404, 422}


def test_the_box_of_the_demonstration_does_not_exist_elsewhere(visitor: Visitor) -> None:
    assert visitor.see("/demonstration/messages").status == 404
