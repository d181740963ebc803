"""The coordinator proposes slots by a link: shown once, listed, revoked, and answered without a password."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.pages import TUESDAY, Form, Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


@pytest.fixture
def page(signed_in: SignIn, service: Service) -> tuple[Visitor, Page]:
    """The page of the links of a doctor of the town."""
    coordination = signed_in("coordination")
    people = coordination.see("/coordination/personnes")
    assert "Proposer des créneaux" in people.text
    return coordination, coordination.see(f"/coordination/personnes/{service.town.doctors[1]}/liens")


def making(page: Page) -> Form:
    return next(form for form in page.forms if form.action.split("?")[0].endswith("/liens"))


def test_a_link_is_shown_once_answered_and_listed(page: tuple[Visitor, Page], visitor: Visitor) -> None:
    coordination, shown = page
    made = coordination.send(making(shown), jour_1="2026-11-26", heure_1="12:00", patients="2")
    found = re.search(r"https?://[^/<]+(/lien/[^<\s]+)", made.html)
    assert found is not None
    assert "il n’est montré qu’une fois" in made.text
    again = coordination.send(making(made), jour_1="2026-11-26", heure_1="12:00", patients="2")
    assert "Un lien en cours propose déjà ces créneaux" in again.text
    assert "/lien/" not in again.html
    assert "en attente" in again.text

    opened = visitor.see(found[1])
    assert "26" in opened.text
    visitor.send(opened.forms[0])
    listed = coordination.see(shown.path)
    assert "en attente" not in listed.text


def test_a_link_is_revoked_and_opens_nothing_more(page: tuple[Visitor, Page], visitor: Visitor) -> None:
    coordination, shown = page
    made = coordination.send(making(shown), jour_1="2026-11-27", heure_1="14:00")
    found = re.search(r"https?://[^/<]+(/lien/[^<\s]+)", made.html)
    assert found is not None
    revoking = next(form for form in made.forms if "/revoquer" in form.action)
    assert "Le lien est révoqué" in coordination.send(revoking).text
    assert "révoqué" in coordination.send(revoking).text
    assert not visitor.see(found[1]).forms


def test_what_is_missing_is_told_beside_its_field(page: tuple[Visitor, Page]) -> None:
    coordination, shown = page
    wrong = coordination.send(making(shown), jour_1="", heure_1="", patients="40", heures="0")
    assert wrong.status == 422
    for sentence in ("Indiquez un jour", "Indiquez une heure", "de 1 à 10", "de 1 à 336"):
        assert sentence in wrong.text
    past = coordination.send(making(shown), jour_1="2026-11-24", heure_1="08:00")
    assert "Tous les créneaux doivent être à venir" in past.text


def test_who_is_no_member_is_not_found(signed_in: SignIn) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    assert signed_in("coordination").see(f"/coordination/personnes/{nobody}/liens").status == 404
