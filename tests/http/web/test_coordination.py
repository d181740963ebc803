"""The coordinator's pages without a script, and that no patient is ever named on any of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from snp.assignment.facts import Audience, Mode
from snp.notifications import service as outbox
from tests.support.console import Console
from tests.support.directory import ADMINISTRATOR, a_practitioner, a_site
from tests.support.pages import TUESDAY, Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
PAGES = (
    "",
    "/tableau",
    "/couverture",
    "/couverture/appels",
    "/indicateurs",
    "/personnes",
    "/comptoirs",
    "/voisins",
    "/envois",
    "/medecin-traitant",
    "/roulement",
    "/kine",
    "/indemnisation",
    "/reglages",
)


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


def figures(page: Page) -> dict[str, int]:
    """The figures at the top of the board."""
    found = re.findall(r"<dt>(\w+)</dt><dd>(\d+)</dd>", page.html)
    return {name: int(value) for name, value in found}


def test_the_board_counts_what_is_published_held_taken_and_lost(signed_in: SignIn, service: Service) -> None:
    coordination = signed_in("coordination")
    before = figures(coordination.see("/coordination"))
    console = Console(signed_in("regulateur"))
    booked = console.book(console.decide(console.call("Abadie")))
    assert "Rendez-vous confirmé" in booked.text
    held = console.decide(console.call("Bardou"))
    console.visitor.send(held.form("/retenir"))
    after = figures(coordination.see("/coordination/tableau"))
    assert after["Pris"] == before["Pris"] + 1
    assert after["Retenus"] == before["Retenus"] + 1
    assert after["Libres"] == before["Libres"] - 2
    service.clock.instant = TUESDAY + timedelta(hours=8)
    coordination = signed_in("coordination")  # an idle session has ended
    late = figures(coordination.see("/coordination"))
    assert late["Libres"] + late["Perdus"] + late["Retenus"] + late["Pris"] == late["Publiés"]
    assert late["Perdus"] > 20


def test_the_board_is_cut_by_half_day_profession_and_commune(signed_in: SignIn) -> None:
    page = signed_in("coordination").see("/coordination")
    assert "Aujourd’hui, après-midi" in page.text
    assert "Médecin généraliste" in page.text
    assert "Sainte-Pazanne" in page.text
    assert page.html.count("<svg class=") >= 5


def test_the_board_lists_open_requests_without_a_name(signed_in: SignIn) -> None:
    console = Console(signed_in("osnp"))
    number = re.search(r"\d\d-\d{7}", console.call("Cabrol", motif="fever").text)
    assert number is not None
    page = signed_in("coordination").see("/")
    assert number[0] in page.text
    assert "Fièvre" in page.text


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_the_coordination_names_a_patient(signed_in: SignIn, page: str) -> None:
    """Dossiers in every state; neither name, birth date, phone, note nor caller is anywhere in the page."""
    traits = {"prenom": "Zéphyrine", "naissance": "29/02/1952", "note": "otorrhée", "appelant": "Yolande"}
    console = Console(signed_in("regulateur"))
    for name, more in (("Xaintrailles", {}), ("Xenakis", {"mt": "oui", "mt_appel": "pas_appele"})):
        opened = console.call(f"{name} {'abcdefghijklmnop'[PAGES.index(page)]}", **traits, **more)
        if not more:
            console.book(console.decide(opened))
    seen = signed_in("coordination").see(f"/coordination{page}")
    assert seen.status == 200
    lowered = seen.html.lower()
    for trait in ("xaintrailles", "xenakis", "zéphyrine", "29/02/1952", "1952-02-29", "otorrhée", "yolande"):
        assert trait not in lowered
    phones = set(re.findall(r"(?<![\w-])0[1-9](?:[ \u00a0]?\d\d){4}(?![\w-])", seen.html)) - {
        "02\u00a040\u00a082\u00a000\u00a001"
    }
    assert phones == set()


@pytest.mark.parametrize("login", ["pharmacie", "guillou", "osnp", "arm", "regulateur"])
@pytest.mark.parametrize("address", [*(f"/coordination{page}" for page in PAGES), "/premiers-pas"])
def test_the_coordination_is_closed_to_the_other_roles(signed_in: SignIn, login: str, address: str) -> None:
    assert signed_in(login).see(address).status == 403


def test_another_territory_is_not_found(signed_in: SignIn) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    for page in PAGES:
        assert signed_in("coordination").see(f"/coordination{page}?territoire={nobody}").status == 404


def test_a_professional_joins_from_outside_and_leaves(signed_in: SignIn, service: Service) -> None:
    with service.wiring.transaction() as session:
        far = a_site(session, "85146", name="Cabinet de Montaigu").id
        a_practitioner(session, site_ids=(far,), given_name="Solène", family_name="Kermarrec")
    visitor = signed_in("coordination")
    page = visitor.see("/coordination/personnes?ajouter=kermar")
    page = visitor.send(page.form(_ending(page, "/ajouter")))
    assert "fait maintenant partie" in page.text
    assert "hors périmètre" in page.text
    found = visitor.see("/coordination/personnes?q=kermarrec")
    assert "Solène Kermarrec" in found.text
    page = visitor.send(found.form(_ending(found, "/terminer")))
    assert "L’adhésion est terminée" in page.text
    assert "Solène Kermarrec" not in visitor.see("/coordination/personnes").text


def test_a_professional_is_found_by_his_rpps(signed_in: SignIn, service: Service) -> None:
    with service.wiring.transaction() as session:
        one = a_practitioner(session, given_name="Tanguy", family_name="Rozec")
    assert one.rpps is not None
    page = signed_in("coordination").see(f"/coordination/personnes?ajouter={one.rpps}")
    assert "Tanguy Rozec" in page.text
    assert "Personne d’autre" in signed_in("coordination").see("/coordination/personnes?ajouter=99").text


def test_a_desk_gets_an_account_whose_password_is_shown_once(
    signed_in: SignIn, service: Service, visitor: Visitor
) -> None:
    coordination = signed_in("coordination")
    page = coordination.see("/coordination/comptoirs")
    page = coordination.send(
        page.form(_ending(page, "/nouveau")), type="pharmacie", structure="Pharmacie des Halles"
    )
    assert "Pharmacie des Halles" in page.text
    form = page.form(_ending(page, "/comptes"))
    desk = next(
        value for value in form.choices["role"] if f'value="{value}">Pharmacie des Halles' in page.html
    )
    page = coordination.send(form, role=desk, identifiant_compte="halles")
    assert "Compte créé" in page.text
    password = _secret(page)
    assert visitor.sign_in("halles", password).path == "/"
    assert password not in coordination.see("/coordination/comptoirs").html
    again = coordination.send(form, role=desk, identifiant_compte="halles")
    assert again.status == 422
    assert "déjà pris" in again.text


def test_an_account_is_closed_and_opened_again(signed_in: SignIn, visitor: Visitor) -> None:
    signed_in("infirmiers")
    coordination = signed_in("coordination")
    page = coordination.see("/coordination/comptoirs")
    ident = _account(page, "infirmiers")
    page = coordination.send(page.form(f"{ident}/fermer?{_query(page)}"))
    assert "fermé" in page.text
    assert visitor.sign_in("infirmiers").status == 422
    page = coordination.send(page.form(f"{ident}/ouvrir?{_query(page)}"))
    assert visitor.sign_in("infirmiers").path == "/"


def test_a_key_is_shown_once_used_then_revoked(signed_in: SignIn, service: Service, visitor: Visitor) -> None:
    coordination = signed_in("coordination")
    page = coordination.see("/coordination/comptoirs")
    form = page.form(_ending(page, "/cles"))
    page = coordination.send(form, role="osnp", nom_cle="Logiciel de régulation")
    key = _secret(page)
    assert key.startswith("snp_")
    assert "jamais utilisée" in page.text
    twice = coordination.send(form, role="osnp", nom_cle="logiciel de régulation")
    assert twice.status == 422
    answer = visitor.get("/api/v1/me", Authorization=f"Bearer {key}")
    assert answer.json()["role"] == "osnp"
    page = coordination.see("/coordination/comptoirs")
    assert "dernier usage mardi 24 novembre 2026 à 10 h" in page.text
    assert key not in page.html
    page = coordination.send(page.form(_ending(page, "/revoquer")))
    assert "clé révoquée" in page.text
    assert visitor.get("/api/v1/me", Authorization=f"Bearer {key}").status_code == 401


def test_a_key_is_renewed_and_held_to_its_addresses(
    signed_in: SignIn, service: Service, visitor: Visitor
) -> None:
    coordination = signed_in("coordination")
    form = coordination.see("/coordination/comptoirs").form("/coordination/comptoirs/cles" + _here(service))
    typed = {"role": "osnp", "nom_cle": "Logiciel à renouveler", "reseaux_cle": "127.0.0.1, ::1"}
    wrong = coordination.send(form, **typed | {"duree_cle": "0"})
    assert wrong.status == 422
    assert "Un nombre de jours" in wrong.text
    assert "192.0.2.0/24" in coordination.send(form, **typed | {"reseaux_cle": "ici"}).text
    page = coordination.send(form, **typed, duree_cle="90")
    first = _secret(page)
    assert "expire le" in page.text
    assert "127.0.0.1/32 ::1/128" in page.text

    page = coordination.send(page.form("/renouveler" + _here(service)), heures="24")

    second = _secret(page)
    assert "ancien secret accepté jusqu’à" in page.text
    for key in (first, second):
        assert visitor.get("/api/v1/me", Authorization=f"Bearer {key}").status_code == 200
    page = coordination.send(page.form("/reseaux" + _here(service)), reseaux="192.0.2.0/24")
    assert "Les adresses autorisées sont enregistrées" in page.text
    assert visitor.get("/api/v1/me", Authorization=f"Bearer {second}").status_code == 403


def _here(service: Service) -> str:
    return f"?territoire={service.town.territory}"


def test_a_coordinator_makes_nobody_beyond_his_territory(signed_in: SignIn) -> None:
    coordination = signed_in("coordination")
    page = coordination.see("/coordination/comptoirs")
    form = page.form(_ending(page, "/comptes"))
    form.choices.clear()
    for role in ("administrator", "practitioner", "", "00000000-0000-7000-8000-000000000000"):
        assert coordination.send(form, role=role, identifiant_compte="intrus").status in {404, 422}


def test_a_message_given_up_is_shown_and_sent_again(signed_in: SignIn, service: Service) -> None:
    now = service.clock.now()
    with service.wiring.transaction() as session:
        ident = outbox.enqueue(
            session,
            "appointment.booked",
            "request:1",
            {},
            now - timedelta(hours=1),
            territory_id=service.town.territory,
        )
        session.execute(
            sa.text(
                "UPDATE outbox_message SET state = 'dead', attempts = 9, settled_at = :now,"
                " last_error = 'http-503' WHERE id = :id"
            ),
            {"id": ident, "now": now},
        )
    visitor = signed_in("coordination")
    page = visitor.see("/coordination/envois")
    assert "http-503" in page.text
    assert figures(page)["Abandonnés"] == 1
    form = page.form(f"{ident}/renvoyer?{_query(page)}")
    page = visitor.send(form)
    assert "Le message repart" in page.text
    assert figures(page)["Abandonnés"] == 0
    assert "déjà reparti" in visitor.send(form).text


def test_a_setting_is_changed_with_its_history(signed_in: SignIn) -> None:
    visitor = signed_in("coordination")
    page = visitor.see("/coordination/reglages")
    page = visitor.send(page.form(_settings(page)), rayon="22,5", samedi_a="13:00")
    assert "Les réglages sont enregistrés" in page.text
    assert "Rayon de recherche (km) : 15 22,5" in page.text
    assert "Samedi : 08:00 à 12:00 08:00 à 13:00" in page.text
    assert "Coordination" in page.text


def test_who_is_told_by_mail_is_a_setting_with_its_history(signed_in: SignIn) -> None:
    visitor = signed_in("coordination")
    page = visitor.see("/coordination/reglages")
    assert "Demandes sans créneau" in page.text
    several = "cpts@exemple.fr; astreinte@exemple.fr\nCPTS@exemple.fr"

    page = visitor.send(
        page.form(_settings(page)), courriels_alerte=several, courriels_delegue="dpo@exemple.fr"
    )

    fields = dict(page.form(_settings(page)).fields)
    assert fields["courriels_alerte"].split() == ["cpts@exemple.fr", "astreinte@exemple.fr"]
    assert fields["courriels_delegue"] == "dpo@exemple.fr"
    assert "Adresses du délégué à la protection des données : — dpo@exemple.fr" in page.text
    page = visitor.send(page.form(_settings(page)), courriels_alerte="", courriels_delegue="")
    assert dict(page.form(_settings(page)).fields)["courriels_alerte"] == ""


def test_a_wrong_setting_is_told_beside_its_field(signed_in: SignIn) -> None:
    visitor = signed_in("coordination")
    page = visitor.see("/coordination/reglages")
    form = page.form(_settings(page))
    for typed, told in (
        ({"retenue": "90"}, "Entre 1 et 60"),
        ({"retenue": "cinq"}, "nombre entier"),
        ({"semaine_a": "07:00"}, "deux heures locales"),
        ({"fermetures": "demain"}, "des dates"),
        ({"nom_territoire": ""}, "Indiquez le nom du territoire"),
        ({"courriels_alerte": "cpts@exemple.fr, cpts"}, "« cpts » n’est pas une adresse"),
        ({"courriels_delegue": "\n".join(f"a{n}@exemple.fr" for n in range(11))}, "10 adresses au plus"),
    ):
        wrong = visitor.send(form, **typed)
        assert wrong.status == 422, typed
        assert told.lower() in wrong.text.lower()
        field, value = next(iter(typed.items()))
        assert dict(wrong.form(_settings(wrong)).fields)[field] == value


def test_who_types_over_an_older_version_is_told_and_loses_nothing(signed_in: SignIn) -> None:
    first, second = signed_in("coordination"), signed_in("coordination")
    form = first.see("/coordination/reglages").form(_settings(first.see("/coordination/reglages")))
    page = second.see("/coordination/reglages")
    second.send(page.form(_settings(page)), propositions="4")
    late = first.send(form, propositions="2")
    assert late.status == 422
    assert "modifiés par quelqu’un d’autre" in late.text
    assert dict(late.form(_settings(late)).fields)["propositions"] == "2"


def test_an_empty_board_says_what_to_do(signed_in: SignIn, service: Service) -> None:
    service.clock.instant = TUESDAY + timedelta(days=40)
    page = signed_in("coordination").see("/coordination")
    assert "Aucun créneau n’est publié" in page.text


def test_slots_of_another_profession_and_of_the_morning_have_their_own_lines(
    signed_in: SignIn, service: Service
) -> None:
    with service.wiring.transaction() as session:
        site = a_site(session, "44012", name="Cabinet de La Bernerie").id
        midwife = a_practitioner(
            session,
            site_ids=(site,),
            member_of=(service.town.territory,),
            profession="sage_femme",
            given_name="Nora",
        ).id
        offer = Offer(site, Mode.AMB, frozenset({Audience.REGULATION}), frozenset({service.town.territory}))
        _publish(session, midwife, offer)
    page = signed_in("coordination").see("/coordination")
    assert "La Bernerie-en-Retz" in page.text
    assert "Sage-femme" in page.text
    assert re.search(r"Demain, matin|Mercredi 25 novembre, matin", page.text)


def _publish(session, practitioner: UUID, offer: Offer) -> None:
    agenda.publish_slot(
        session, practitioner, TUESDAY + timedelta(days=1), offer, by=ADMINISTRATOR, now=TUESDAY
    )


def _ending(page: Page, act: str) -> str:
    """The end of the address of the first form of an act."""
    return next(one.action for one in page.forms if one.action.split("?")[0].endswith(act))


def _settings(page: Page) -> str:
    return _ending(page, "/reglages")


def _query(page: Page) -> str:
    return next(one.action.split("?")[1] for one in page.forms if "?territoire=" in one.action)


def _secret(page: Page) -> str:
    found = re.search(r'class="code secret">([^<]+)<', page.html)
    assert found is not None
    return found[1]


def _account(page: Page, login: str) -> str:
    """The identifier of the account of a login, from the form that follows it."""
    after = page.html.split(f"<strong>{login}</strong>")[1]
    return after.split("/comptes/")[1].split("/")[0]
