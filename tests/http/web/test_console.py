"""The regulation's console without a script: the call, the decision, the slot, the calls back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.console import CALLER, Console
from tests.support.pages import PASSWORD, TUESDAY, Page, Service, Visitor

pytestmark = pytest.mark.database

NIGHT = TUESDAY + timedelta(hours=11)
SignIn = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    """Each test starts at ten, whatever the one before did to the clock."""
    service.clock.instant = TUESDAY


def seeking(signed_in: SignIn, name: str, **changed: str) -> tuple[Console, Page]:
    console = Console(signed_in("regulateur"))
    return console, console.decide(console.call(name, **changed))


def test_a_regulateur_books_from_the_call_to_the_ticket(signed_in: SignIn) -> None:
    console, page = seeking(signed_in, "Abel")
    assert "Créneaux proposés" in page.text
    page = console.book(page)
    assert "Rendez-vous confirmé" in page.text
    assert "Dr Anne Guillou" in page.text
    assert "Jeanne ABEL" in page.text


def test_an_osnp_estimates_then_places_what_the_regulateur_decided(signed_in: SignIn) -> None:
    osnp = Console(signed_in("osnp"))
    page = osnp.estimate(osnp.call("Babin"), delai="24")
    assert "Le médecin régulateur décide" in page.text
    assert not any(form.action.endswith("/decider") for form in page.forms)
    regulateur = Console(signed_in("regulateur"))
    asked = regulateur.visitor.see(page.path)
    assert dict(asked.form("/decider").fields)["delai"] == "24"
    regulateur.decide(asked)
    assert "Rendez-vous confirmé" in osnp.book(osnp.visitor.see(page.path)).text


def test_an_arm_opens_and_neither_estimates_nor_decides_nor_books(signed_in: SignIn) -> None:
    page = Console(signed_in("arm")).call("Caillaud")
    assert "évalue le délai" in page.text
    regulateur = Console(signed_in("regulateur"))
    regulateur.decide(regulateur.visitor.see(page.path))
    page = signed_in("arm").see(page.path)
    assert "cherche un créneau" in page.text
    endings = {form.action.rsplit("/", 1)[-1] for form in page.forms}
    assert endings == {"deconnexion", "arreter", "annuler", "medecin-traitant"}


@pytest.mark.parametrize(
    ("login", "act"),
    [
        ("arm", "delai"),
        ("arm", "decider"),
        ("osnp", "decider"),
        ("arm", "retenir"),
        ("arm", "confirmer"),
        ("arm", "lacher"),
        ("arm", "annuler-rendez-vous"),
        ("arm", "venu"),
    ],
)
def test_an_act_beyond_the_role_is_refused_even_when_sent_by_hand(
    signed_in: SignIn, login: str, act: str
) -> None:
    visitor = signed_in(login)
    page = Console(visitor).call(f"Danet {login} {act}".replace("-", " "), nom="Danet")
    if not page.path.startswith("/regulation/dossiers/"):
        page = visitor.send(page.form("/appels"))
    form = page.form("/annuler")
    form.action = f"{page.path}/{act}"
    assert visitor.send(form).status == 403


@pytest.mark.parametrize("login", ["pharmacie", "coordination", "guillou", "admin"])
@pytest.mark.parametrize("address", ["/regulation", "/regulation/appel", "/regulation/rappels"])
def test_the_console_is_closed_to_the_other_roles(signed_in: SignIn, login: str, address: str) -> None:
    assert signed_in(login).see(address).status == 403


@pytest.mark.parametrize("gravity", ["p0", "r1", "r2"])
def test_a_sign_of_gravity_opens_the_dossier_and_stops_it_towards_the_15(
    signed_in: SignIn, gravity: str
) -> None:
    visitor = signed_in("arm")
    form = visitor.see("/regulation/appel").form("/appels")
    typed = {name: value for name, value in CALLER.items() if name != "mt"}
    page = visitor.send(form, **typed | {"nom": f"Eon {gravity[0]}", "gravite": gravity})
    if "doublons" in page.html:
        page = visitor.send(page.form("/appels"))
    assert "Passez l’appel au 15" in page.text
    assert "appel au 15 sans délai" in page.text


def test_a_decision_of_r2_stops_towards_the_15_whatever_the_orientation(signed_in: SignIn) -> None:
    console = Console(signed_in("regulateur"))
    page = console.decide(console.call("Fradet"), niveau="R2")
    assert "Passez l’appel au 15" in page.text


def test_a_running_dossier_may_be_stopped_towards_the_15(signed_in: SignIn) -> None:
    _, page = seeking(signed_in, "Gendre")
    osnp = signed_in("osnp")
    page = osnp.send(osnp.see(page.path).form("/arreter"), gravite="P0")
    assert "Passez l’appel au 15" in page.text


def test_outside_snp_hours_a_consultation_goes_to_the_pdsa(signed_in: SignIn, service: Service) -> None:
    page = Console(signed_in("arm")).call("Hervouet")
    service.clock.instant = NIGHT
    console = Console(signed_in("regulateur"))
    closed = console.visitor.see(page.path)
    assert "Hors des horaires de soins non programmés" in closed.text
    page = console.decide(closed)
    assert "Permanence des soins" in page.text


def test_a_need_that_can_wait_is_placed_although_it_is_night(signed_in: SignIn, service: Service) -> None:
    page = Console(signed_in("arm")).call("Isambert")
    service.clock.instant = NIGHT
    console = Console(signed_in("regulateur"))
    page = console.decide(console.visitor.see(page.path), peut_attendre="oui")
    assert "Aucun créneau ne convient" in page.text
    assert "peut attendre la réouverture" in page.text


def test_who_has_not_called_his_doctor_waits_and_is_resumed(signed_in: SignIn) -> None:
    console = Console(signed_in("osnp"))
    page = console.call("Jaunet", mt="oui", mt_appel="pas_appele")
    assert "Le médecin traitant d’abord" in page.text
    page = console.visitor.send(page.form("/mt"), mt_appel="trop_tard")
    assert "Dans quel délai" in page.text


def test_a_date_the_doctor_offers_in_time_sends_the_patient_back_to_him(signed_in: SignIn) -> None:
    page = Console(signed_in("osnp")).call(
        "Kerjean", mt="oui", mt_appel="trop_tard", mt_date="2026-11-25T09:00"
    )
    assert "Le médecin traitant peut voir le patient" in page.text


def test_a_date_the_doctor_offers_too_late_goes_on(signed_in: SignIn) -> None:
    page = Console(signed_in("osnp")).call(
        "Loizeau", mt="oui", mt_appel="trop_tard", mt_date="30/11/2026 09:00"
    )
    assert "Dans quel délai" in page.text


def test_an_appointment_already_held_in_time_is_kept(signed_in: SignIn) -> None:
    page = Console(signed_in("osnp")).call("Mainguet", rdv="oui", rdv_date="2026-11-25T09:00")
    assert "Un rendez-vous est déjà pris" in page.text


def test_what_is_missing_is_told_in_the_order_of_the_call(signed_in: SignIn) -> None:
    visitor = signed_in("arm")
    page = visitor.send(visitor.see("/regulation/appel").form("/appels"), prenom="Léa", note="toux")
    assert page.status == 422
    told = (
        "nom du patient",
        "date de naissance",
        "numéro de rappel",
        "le sexe",
        "commune",
        "médecin traitant",
    )
    places = [page.text.index(words) for words in told]
    assert places == sorted(places)
    assert 'value="Léa"' in page.html
    assert ">toux</textarea>" in page.html


def test_a_commune_of_several_names_is_picked_from_a_list_without_a_script(signed_in: SignIn) -> None:
    console = Console(signed_in("arm"))
    page = console.call("Naulin", commune="Saint")
    assert "Plusieurs communes correspondent" in page.text
    picked = page.form("/appels").choices["commune_insee"][0]
    page = console.visitor.send(page.form("/appels"), commune_insee=picked)
    assert page.path.startswith("/regulation/dossiers/")


def test_the_commune_field_is_completed_by_what_is_typed(signed_in: SignIn) -> None:
    page = signed_in("arm").see("/regulation/communes?commune=porn")
    assert 'value="Pornic (44210)"' in page.html
    assert "<html" not in page.html
    assert signed_in("arm").see("/regulation/communes?commune=p").html.strip() == ""


def test_the_same_patient_is_shown_before_saving_and_nothing_is_saved_until_told(signed_in: SignIn) -> None:
    console = Console(signed_in("osnp"))
    first = console.call("Orieux")
    page = console.call("Orieux", note="deuxième appel")
    assert page.path == "/regulation/appels"
    assert "Ce patient a peut-être déjà un dossier" in page.text
    assert first.path in page.html
    assert ">deuxième appel</textarea>" in page.html
    number = first.text.split("Dossier ")[1].split()[0]
    assert number in page.text
    second = console.visitor.send(page.form("/appels"))
    assert second.path.startswith("/regulation/dossiers/")
    assert second.path != first.path
    assert "Déjà connu ?" in second.text


def test_a_call_sent_twice_opens_one_dossier(signed_in: SignIn) -> None:
    console = Console(signed_in("osnp"))
    form = console.visitor.see("/regulation/appel").form("/appels")
    typed = {"nom": "Pineau", "prenom": "Luc", "naissance": "01021960", "sexe": "M", "commune": "Pornic"}
    typed |= {"telephone": "0611223399", "mt": "non"}
    assert console.visitor.send(form, **typed).path == console.visitor.send(form, **typed).path


def test_who_comes_second_gets_fresh_proposals(signed_in: SignIn) -> None:
    console, page = seeking(signed_in, "Quintin")
    taken = page.form("/retenir")
    other, rival = seeking(signed_in, "Ravard")
    other.book(rival)
    page = console.visitor.send(taken)
    assert "vient d’être pris" in page.text
    assert "Créneaux proposés" in page.text
    assert "Jeanne QUINTIN" in page.text


def test_a_hold_that_ran_out_leads_back_to_proposals(signed_in: SignIn, service: Service) -> None:
    console, page = seeking(signed_in, "Sorin")
    held = console.visitor.send(page.form("/retenir"))
    assert "Retenu jusqu’à" in held.text
    service.clock.instant = TUESDAY + timedelta(minutes=30)
    page = console.visitor.send(held.form("/confirmer"))
    assert "Le temps de confirmation est écoulé" in page.text
    assert "Créneaux proposés" in page.text


def test_the_proposals_alone_are_fetched_again(signed_in: SignIn) -> None:
    console, page = seeking(signed_in, "Thibaud")
    part = console.visitor.see(f"{page.path}/propositions")
    assert "<html" not in part.html
    assert len(part.forms) == 5
    console.book(page)
    assert "a avancé" in console.visitor.see(f"{page.path}/propositions").text


def test_a_session_that_ended_during_a_call_loses_nothing(signed_in: SignIn) -> None:
    visitor = signed_in("osnp")
    form = visitor.see("/regulation/appel").form("/appels")
    visitor.forget_session()
    page = visitor.send(form, nom="Urbain", note="fièvre depuis hier", mt="oui")
    assert page.status == 401
    page = visitor.send(page.form("/connexion"), identifiant="osnp", mot_de_passe=PASSWORD)
    assert page.path == "/regulation/appel"
    assert 'value="Urbain"' in page.html
    assert ">fièvre depuis hier</textarea>" in page.html


def test_a_session_that_ended_during_a_decision_loses_nothing(signed_in: SignIn) -> None:
    console = Console(signed_in("regulateur"))
    page = console.call("Vinet")
    console.visitor.forget_session()
    asked = console.visitor.send(page.form("/decider"), disposition="teleconsultation", delai="12")
    page = console.visitor.send(asked.form("/connexion"), identifiant="regulateur", mot_de_passe=PASSWORD)
    filled = dict(page.form("/decider").fields)
    assert filled["disposition"] == "teleconsultation"
    assert filled["delai"] == "12"


def test_the_queue_is_cut_by_state_priority_and_deadline(signed_in: SignIn, service: Service) -> None:
    osnp = Console(signed_in("osnp"))
    to_decide = osnp.estimate(osnp.call("Widmer", motif="shingles"), priorite="P1")
    regulateur = Console(signed_in("regulateur"))
    placed = regulateur.decide(regulateur.call("Yvon"), delai="6")
    ident, other = to_decide.path.rsplit("/", 1)[-1], placed.path.rsplit("/", 1)[-1]
    see = osnp.visitor.see
    assert ident in see("/regulation?etat=decider").html
    assert ident not in see("/regulation?etat=placer").html
    assert ident in see("/regulation?priorite=P1").html
    assert other not in see("/regulation?priorite=P1").html
    assert other not in see("/regulation?echeance=bientot").html
    service.clock.instant = TUESDAY + timedelta(hours=7)
    late = see("/regulation?echeance=retard")
    assert other in late.html
    assert "en retard de 1 h" in late.text


def test_the_queue_is_paged_without_losing_its_cut(signed_in: SignIn) -> None:
    arm = Console(signed_in("arm"))
    for n in range(22):
        arm.call(f"Zorn{chr(97 + n)}", telephone=f"06550000{n:02}", naissance=f"0{n % 9 + 1}/01/1970")
    page = arm.visitor.see("/regulation?etat=evaluer")
    assert page.html.count('id="d-') == 20
    following = page.html.split('href="')
    link = next(one.split('"')[0] for one in following if "apres=" in one).replace("&amp;", "&")
    assert "etat=evaluer" in link
    assert 2 <= arm.visitor.see(link).html.count('id="d-') <= 20
    assert "Début de la liste" in arm.visitor.see(link).text


def test_an_empty_queue_says_so(signed_in: SignIn) -> None:
    assert "Aucun dossier ne répond à ces filtres" in signed_in("arm").see("/regulation?priorite=P0").text


def test_a_call_back_is_told_in_one_tap(signed_in: SignIn) -> None:
    console = Console(signed_in("osnp"))
    waiting = console.call("Quéré", mt="oui", mt_appel="pas_appele")
    ident = waiting.path.rsplit("/", 1)[-1]
    page = console.visitor.see("/regulation/rappels")
    assert "Jeanne QUÉRÉ" in page.text
    page = console.visitor.send(page.form(f"{ident}/rappel"), issue="no_answer")
    assert "L’appel est noté" in page.text
    assert "1 rappel, le dernier aujourd’hui à 10 h" in page.text
    assert "Rappel sans réponse" in console.visitor.see(waiting.path).text
    page = console.visitor.send(page.form(f"{ident}/rappel"), issue="trop_tard")
    assert "QUÉRÉ" not in page.text
    assert "Dans quel délai" in console.visitor.see(waiting.path).text


def test_a_patient_who_renounces_at_the_call_back_leaves_the_list(signed_in: SignIn) -> None:
    console, page = seeking(signed_in, "Renou")
    ident = page.path.rsplit("/", 1)[-1]
    rows = console.visitor.see("/regulation/rappels")
    assert "RENOU" in rows.text
    assert "RENOU" not in console.visitor.send(rows.form(f"{ident}/rappel"), issue="renonce").text


def test_after_the_appointment_its_outcome_is_told_in_one_tap(signed_in: SignIn, service: Service) -> None:
    console, page = seeking(signed_in, "Sauzeau")
    console.book(page)
    ident = page.path.rsplit("/", 1)[-1]
    service.clock.instant = TUESDAY + timedelta(hours=9)
    rows = console.visitor.see("/regulation/rappels")
    assert "SAUZEAU" in rows.text
    assert "SAUZEAU" not in console.visitor.send(rows.form(f"{ident}/venu")).text


def test_a_dossier_next_door_is_not_found(signed_in: SignIn) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    assert signed_in("osnp").see(f"/regulation/dossiers/{nobody}").status == 404


def test_an_address_that_only_takes_forms_leads_back(signed_in: SignIn) -> None:
    page = Console(signed_in("osnp")).call("Tessier")
    assert signed_in("osnp").see(f"{page.path}/delai").path == page.path
    assert signed_in("osnp").see("/regulation/appels").path == "/regulation/appel"
