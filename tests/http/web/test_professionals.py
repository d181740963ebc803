"""A doctor sends a patient to a physiotherapist from the same form, for one to three sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.http.web.test_desk import patient_form
from tests.support.pages import Page, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


def patient_page(visitor: Visitor) -> Page:
    form = visitor.see("/comptoir").form("/comptoir/demandes")
    typed = {"motif": form.choices["motif"][0], "naissance": "05/04/1985", "sexe": "M"}
    page = visitor.send(form, **typed)
    return visitor.send(page.form("/comptoir/demandes"), **typed, reponse="aucun")


def test_the_practitioners_page_leads_to_the_form(signed_in: SignIn) -> None:
    assert 'href="/comptoir"' in signed_in("guillou").see("/").html


def test_the_medecin_traitant_is_not_asked_for(signed_in: SignIn) -> None:
    page = patient_page(signed_in("guillou"))
    assert page.status == 200
    assert "médecin traitant" not in page.text


def test_two_sessions_are_booked_with_one_ticket(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    form = patient_form(patient_page(visitor))
    page = visitor.send(form, nom="Barbier", prenom="Hugo", commune="Pornic (44210)", seances="2")
    assert "Créneaux proposés" in page.text
    assert "Puis" in page.text
    page = visitor.send(visitor.send(page.form("/retenir")).form("/confirmer"))
    assert "Rendez-vous confirmé" in page.text
    assert page.text.count("novembre 2026 à") == 2
    again = visitor.see("/comptoir")
    assert again.text.count("Hugo BARBIER") == 1
    assert f'href="{page.path}"' in again.html


def test_a_pharmacy_is_offered_no_physiotherapist(signed_in: SignIn) -> None:
    physio = signed_in("guillou").see("/comptoir").form("/comptoir/demandes").choices["motif"]
    counter = signed_in("pharmacie").see("/comptoir").form("/comptoir/demandes").choices["motif"]
    assert not set(physio) & set(counter)
