"""The landing page of each role, and what it must not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.http.web.test_desk import proposals, ticket
from tests.support.pages import Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


def test_the_regulation_reads_its_queue_by_deadline_without_identity(signed_in: SignIn) -> None:
    proposals(signed_in("pharmacie"), "Legrand")
    page = signed_in("osnp").see("/")
    assert "Dossiers ouverts, par échéance" in page.text
    assert "Douleur d’oreille" in page.text
    assert "Pornic" in page.text
    assert "LEGRAND" not in page.html


def test_a_coordinator_counts_slots_without_identity(signed_in: SignIn) -> None:
    ticket(signed_in("pharmacie"), "Gauthier")
    page = signed_in("coordination").see("/")
    assert "Créneaux des sept prochains jours" in page.text
    assert "CPTS Pays de Retz" in page.text
    assert "GAUTHIER" not in page.html


def test_a_practitioner_reads_his_week_and_who_comes(signed_in: SignIn) -> None:
    ticket(signed_in("pharmacie"), "Perrin")
    page = signed_in("guillou").see("/")
    assert "Votre semaine" in page.text
    assert "Jeanne PERRIN" in page.text
    assert "06 12 34 56 78" in page.text


def test_a_doctor_may_refer_to_a_physiotherapist_from_the_same_form(signed_in: SignIn) -> None:
    page = signed_in("guillou").see("/comptoir")
    assert page.status == 200
    assert "Mal de gorge" not in page.text


def test_an_administrator_coordinates_every_territory(signed_in: SignIn) -> None:
    page = signed_in("admin").see("/")
    assert "Créneaux des sept prochains jours" in page.text
    assert "CPTS Pays de Retz" in page.text
