"""The desk's form without a script: the main path, and what goes wrong at a counter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support.pages import Page, Service, Visitor

pytestmark = pytest.mark.database

EAR = {"motif": "ear_pain", "naissance": "05/04/1985", "sexe": "F"}
SignIn = Callable[[str], Visitor]


def first_step(visitor: Visitor, **changed: str) -> Page:
    """From the home page to the signs of the reason."""
    return visitor.send(visitor.see("/").form("/comptoir/demandes"), **(EAR | changed))


def eligible(visitor: Visitor, **changed: str) -> Page:
    """From the home page to the patient's page."""
    page = first_step(visitor, **changed)
    return visitor.send(page.form("/comptoir/demandes"), reponse="aucun")


def patient_form(page: Page):
    return next(form for form in page.forms if "nom" in dict(form.fields))


def proposals(visitor: Visitor, name: str, **changed: str) -> Page:
    """From the home page to the proposals of a patient without a médecin traitant."""
    page = eligible(visitor)
    typed = {"mt": "non", "nom": name, "prenom": "Jeanne", "telephone": "06 12 34 56 78"}
    return visitor.send(patient_form(page), **(typed | changed))


def ticket(visitor: Visitor, name: str) -> Page:
    page = proposals(visitor, name)
    return visitor.send(visitor.send(page.form("/retenir")).form("/confirmer"))


def test_a_pharmacy_books_from_the_home_page_to_the_ticket(signed_in: SignIn) -> None:
    page = ticket(signed_in("pharmacie"), "Durand")
    assert page.status == 200
    assert "Rendez-vous confirmé" in page.text
    assert "Dr Anne Guillou" in page.text
    assert "12 quai Leray, 44210 Pornic" in page.text
    assert "Mardi 24 novembre 2026 à" in page.text
    assert "Jeanne DURAND" in page.text


def test_the_home_page_then_lists_the_appointment(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    ticket(visitor, "Moreau")
    assert "Jeanne MOREAU" in visitor.see("/").text


def test_what_is_missing_on_the_first_page_is_told_beside_each_field(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = visitor.send(visitor.see("/").form("/comptoir/demandes"), naissance="31/02/1985")
    assert page.status == 422
    assert "3 réponses sont à revoir" in page.text
    assert "Cette date de naissance n’existe pas" in page.text
    assert 'id="naissance-erreur"' in page.html
    assert 'aria-describedby="naissance-aide naissance-erreur"' in page.html
    assert "<title>Erreur" in page.html
    assert 'value="31/02/1985"' in page.html


def test_a_birth_date_is_read_as_people_type_it(signed_in: SignIn) -> None:
    assert "41 ans" in eligible(signed_in("pharmacie"), naissance="05041985").text


def test_a_red_flag_leads_to_the_15_with_its_trace(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = first_step(visitor)
    sign = page.form("/comptoir/demandes").choices["signe"][0]
    page = visitor.send(page.form("/comptoir/demandes"), ticked=(sign,), reponse="coche")
    assert "Appelez le 15" in page.text
    assert 'href="tel:15"' in page.html
    assert "Trace n°" in page.text
    assert "Nom" not in page.text


def test_a_ticked_sign_wins_over_the_button_that_says_none(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = first_step(visitor)
    sign = page.form("/comptoir/demandes").choices["signe"][0]
    page = visitor.send(page.form("/comptoir/demandes"), ticked=(sign,), reponse="aucun")
    assert "Appelez le 15" in page.text


def test_saying_that_a_sign_is_there_without_ticking_it_is_asked_again(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = visitor.send(first_step(visitor).form("/comptoir/demandes"), reponse="coche")
    assert page.status == 422
    assert "Cochez le ou les signes présents" in page.text


def test_changing_the_reason_asks_for_its_own_signs(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    form = first_step(visitor).form("/comptoir/demandes")
    page = visitor.send(form, motif="red_eye", reponse="aucun")
    assert page.path == "/comptoir/demandes"
    assert "Œil rouge : un seul signe suffit" in page.text


def test_another_reason_is_sent_to_the_116_117(signed_in: SignIn) -> None:
    page = eligible(signed_in("pharmacie"), motif="autre")
    assert "Faites composer le 116 117" in page.text
    assert "Trace n°" in page.text


def test_a_pharmacist_may_settle_an_angina_or_go_on_to_a_doctor(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = eligible(visitor, motif="sore_throat")
    assert "Vous pouvez régler ce cas au comptoir" in page.text
    page = visitor.send(page.form("/medecin"))
    assert "Patient et médecin traitant" in page.text


def test_a_nurse_is_not_offered_the_pharmacist_test(signed_in: SignIn) -> None:
    page = eligible(signed_in("infirmiers"), motif="sore_throat")
    assert "Patient et médecin traitant" in page.text


def test_an_uncalled_medecin_traitant_makes_the_dossier_wait_and_resume(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = proposals(visitor, "Petit", mt="oui", mt_appel="pas_appele")
    assert "Appelez d’abord le médecin traitant" in page.text
    assert "Jeanne PETIT" in visitor.see("/").text
    page = visitor.send(page.form("/reprendre"))
    assert page.status == 422
    page = visitor.send(page.form("/reprendre"), mt_appel="trop_tard")
    assert "Créneaux proposés" in page.text


def test_a_medecin_traitant_who_can_see_the_patient_does(signed_in: SignIn) -> None:
    page = proposals(signed_in("pharmacie"), "Robert", mt="oui", mt_appel="peut")
    assert "Le médecin traitant voit le patient" in page.text


def test_the_second_question_is_asked_only_of_who_has_a_medecin_traitant(signed_in: SignIn) -> None:
    page = proposals(signed_in("pharmacie"), "Simon", mt="oui")
    assert page.status == 422
    assert "Dites si le médecin traitant a été appelé" in page.text
    assert 'value="Simon"' in page.html


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("nom", "", "Indiquez le nom du patient"),
        ("telephone", "12", "Ce numéro de téléphone n’existe pas"),
        ("commune", "Atlantis", "Cette commune n’a pas été trouvée"),
        ("nom", "<b>1</b>", "lettres, espaces, tirets et apostrophes seulement"),
    ],
)
def test_a_wrong_trait_is_told_and_the_others_stay(
    signed_in: SignIn, field: str, typed: str, sentence: str
) -> None:
    page = proposals(signed_in("pharmacie"), "Laurent", **{field: typed})
    assert page.status == 422
    assert sentence in page.text
    assert 'value="Jeanne"' in page.html
    assert "<b>" not in page.html


def test_several_communes_are_offered_to_choose_from(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = proposals(visitor, "Michel", commune="Saint")
    assert page.status == 422
    choices = patient_form(page).choices["commune_insee"]
    assert len(choices) > 1
    page = visitor.send(patient_form(page), commune_insee=choices[0])
    assert page.status == 200
    assert page.path.startswith("/comptoir/dossiers/")


def test_a_form_sent_twice_opens_one_dossier(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = eligible(visitor)
    form = patient_form(page)
    typed = {"mt": "non", "nom": "Fournier", "prenom": "Jeanne"}
    assert visitor.send(form, **typed).path == visitor.send(form, **typed).path


def test_confirming_twice_shows_the_same_ticket(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    held = visitor.send(proposals(visitor, "Girard").form("/retenir"))
    assert visitor.send(held.form("/confirmer")).path == visitor.send(held.form("/confirmer")).path


def test_choosing_twice_keeps_one_slot(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = proposals(visitor, "Bonnet")
    first, second = [form for form in page.forms if form.action.endswith("/retenir")][:2]
    assert "Confirmer le rendez-vous" in visitor.send(first).text
    assert "Confirmer le rendez-vous" in visitor.send(second).text


def test_a_slot_taken_meanwhile_is_told_with_fresh_proposals(signed_in: SignIn) -> None:
    slow, quick = signed_in("pharmacie"), signed_in("infirmiers")
    mine, theirs = proposals(slow, "Dupont"), proposals(quick, "Lambert")
    quick.send(theirs.form("/retenir"))
    page = slow.send(mine.form("/retenir"))
    assert "Ce créneau vient d’être pris par quelqu’un d’autre" in page.text
    assert "Jeanne DUPONT" in page.text
    assert page.form("/retenir")


def test_a_held_slot_may_be_given_back(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    held = visitor.send(proposals(visitor, "Rousseau").form("/retenir"))
    page = visitor.send(held.form("/lacher"))
    assert "Le créneau a été rendu" in page.text
    assert "Créneaux proposés" in page.text


def test_a_patient_who_renounces_closes_the_dossier(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = proposals(visitor, "Blanc")
    dossier = page.path
    page = visitor.send(page.form("/annuler"))
    assert "Le dossier est annulé" in page.text
    assert "Dossier annulé" in visitor.see(dossier).text


def test_the_desk_cancels_an_appointment_for_the_patient(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = ticket(visitor, "Guerin")
    page = visitor.send(page.form("/annuler"))
    assert "Le rendez-vous est annulé" in page.text
    assert "Rendez-vous annulé" in page.text


def test_another_desk_sees_neither_the_dossier_nor_the_ticket(signed_in: SignIn) -> None:
    visitor, other = signed_in("pharmacie"), signed_in("infirmiers")
    dossier, paper = proposals(visitor, "Faure").path, ticket(visitor, "Andre").path
    for address in (dossier, paper):
        page = other.see(address)
        assert page.status == 404
        assert "Page introuvable" in page.text


def test_somebody_elses_draft_is_not_found(signed_in: SignIn) -> None:
    address = eligible(signed_in("pharmacie")).path
    assert signed_in("infirmiers").see(address).status == 404


def test_the_same_patient_twice_is_shown(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    proposals(visitor, "Mercier")
    assert "déjà" in proposals(visitor, "Mercier").text


def test_no_address_ever_holds_what_was_typed(signed_in: SignIn, service: Service) -> None:
    visitor = signed_in("pharmacie")
    seen = [proposals(visitor, "Zzzecret").path, ticket(visitor, "Zzzecret").path]
    assert not any("ecret" in path.lower() for path in seen)
    assert service.address


def test_a_dossier_taken_up_in_the_evening_goes_to_the_pdsa(signed_in: SignIn, service: Service) -> None:
    page = proposals(signed_in("pharmacie"), "Leroux", mt="oui", mt_appel="pas_appele")
    before = service.clock.instant
    service.clock.instant = before.replace(hour=20)
    try:
        visitor = signed_in("pharmacie")
        page = visitor.send(visitor.see(page.path).form("/reprendre"), mt_appel="trop_tard")
        assert "La permanence des soins prend le relais" in page.text
    finally:
        service.clock.instant = before


def test_a_new_request_in_the_evening_goes_to_the_116_117(signed_in: SignIn, service: Service) -> None:
    before = service.clock.instant
    service.clock.instant = before.replace(hour=20)
    try:
        visitor = signed_in("pharmacie")
        assert "Hors des horaires de soins non programmés" in visitor.see("/").text
        page = proposals(visitor, "Colin")
        assert "Les soins non programmés sont fermés" in page.text
        assert "116 117" in page.text
    finally:
        service.clock.instant = before


def test_resuming_twice_is_no_fault(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    form = proposals(visitor, "Vidal", mt="oui", mt_appel="pas_appele").form("/reprendre")
    first = visitor.send(form, mt_appel="absent")
    assert visitor.send(form, mt_appel="absent").path == first.path


def test_a_telephone_link_holds_the_number_without_spaces(signed_in: SignIn) -> None:
    assert 'href="tel:0240820001"' in ticket(signed_in("pharmacie"), "Colin").html


def test_a_name_that_cannot_be_is_told_with_the_name_of_its_field(signed_in: SignIn) -> None:
    page = proposals(signed_in("pharmacie"), "<b>Roy</b>")
    assert page.status == 422
    assert "Nom : lettres, espaces, tirets et apostrophes seulement" in page.text
    assert "<b>Roy" not in page.html


def test_a_cancelled_ticket_is_not_handed_out(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    page = visitor.send(ticket(visitor, "Leclerc").form("/annuler"))
    assert "Rendez-vous annulé" in page.text
    assert 'class="code"' not in page.html
    assert "data-print" not in page.html


def test_an_appointment_that_has_begun_is_not_cancelled_and_it_is_said(
    signed_in: SignIn, service: Service
) -> None:
    visitor = signed_in("pharmacie")
    page, before = ticket(visitor, "Aubert"), service.clock.instant
    try:
        service.clock.advance(timedelta(hours=8, minutes=30))
        assert "a déjà commencé" in visitor.send(page.form("/annuler")).text
    finally:
        service.clock.instant = before


def test_without_a_slot_the_place_on_the_list_and_what_to_do_are_told(
    signed_in: SignIn, service: Service
) -> None:
    with service.wiring.transaction() as session:
        session.execute(sa.text("UPDATE slot SET state = 'withdrawn'"))
    page = proposals(signed_in("pharmacie"), "Lebreton")
    assert "Aucun créneau ne convient" in page.text
    assert re.search(r"La demande est la (première|\S+) de la liste d’attente", page.text)
    assert "rester joignable" in page.text
