"""A practitioner's own pages: his week, what he publishes, his absences, who acts for him."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from snp.platform.actors import Role
from tests.http.web.test_desk import ticket
from tests.support.pages import Form, Page, Service, Visitor, open_account

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
THURSDAY = "2026-11-26"


def panel(visitor: Visitor) -> Form:
    return visitor.see("/agenda").form("/agenda/publier")


def publish(visitor: Visitor, day: str, at: str, patients: int = 2, **more: str) -> Page:
    return visitor.send(panel(visitor), autre_jour=day, autre_heure=at, patients=str(patients), **more)


def slot_page(visitor: Visitor, page: Page, words: str) -> Page:
    """The page of the first slot of a week whose link says these words."""
    for address, said in re.findall(r'href="(/agenda/creneaux/[0-9a-f-]+)">(.*?)</a>', page.html):
        if words in said.replace("\u00a0", " "):
            return visitor.see(address)
    raise AssertionError(f"no slot says {words!r}")


def test_three_answers_publish_two_slots(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    form = panel(visitor)
    page = visitor.send(form, jour=THURSDAY, heure=form.choices["heure"][-1], patients="2")
    assert page.status == 200
    assert "2 créneaux publiés, jeudi 26 novembre de" in page.text


def test_hours_are_read_as_people_type_them(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    for at, said in (("9h15", "9 h 15"), ("10", "10 h"), ("1045", "10 h 45"), ("11:30", "11 h 30")):
        page = publish(visitor, "27/11", at, patients=1)
        assert f"Un créneau publié, vendredi 27 novembre à {said}." in page.text


def test_an_overlap_is_told_beside_the_hour_and_nothing_typed_is_lost(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    publish(visitor, "30/11", "9h")
    page = publish(visitor, "30/11", "9h10", patients=3)
    assert page.status == 422
    assert "Un autre créneau de ce professionnel occupe déjà ce moment" in page.text
    assert 'value="9h10"' in page.html
    assert 'id="autre_heure-erreur"' in page.html
    assert page.html.count('value="30/11"') == 1


@pytest.mark.parametrize(
    ("day", "at", "sentence"),
    [
        ("26/11", "22h", "Créneau refusé"),
        ("29/11", "10h", "Créneau refusé"),
        ("24/11", "8h", "a déjà commencé"),
        ("31/02", "10h", "Ce jour n’existe pas"),
        ("26/11", "25h", "L’heure s’écrit"),
    ],
)
def test_what_cannot_be_is_told_in_french(signed_in: SignIn, day: str, at: str, sentence: str) -> None:
    page = publish(signed_in("guillou"), day, at)
    assert page.status == 422
    assert sentence in page.text


def test_what_is_missing_is_told_beside_each_field(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    page = visitor.send(panel(visitor))
    for sentence in ("Choisissez un jour", "Choisissez une heure", "Dites pour combien de patients"):
        assert sentence in page.text


def test_a_range_is_cut_into_slots(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    form = visitor.see("/agenda/plage").form("/agenda/plage")
    page = visitor.send(form, jour="01/12", debut="14h", fin="15h", duree="20")
    assert "3 créneaux publiés, mardi 1er décembre de 14 h à 15 h" in page.text
    page = visitor.send(form, jour="01/12", debut="16h", fin="15h", duree="20")
    assert page.status == 422
    assert "La fin doit venir après le début" in page.text
    assert 'value="16h"' in page.html


def test_an_opening_comes_back_is_changed_once_and_is_stopped(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    form = visitor.see("/agenda/regulier").form("/agenda/regulier")
    page = visitor.send(form, jour_SA="oui", heure="9h", patients="2", premier="28/11", dernier="19/12")
    assert "8 créneaux publiés" in page.text
    assert "Samedi à 9 h, 2 patients" in page.text
    address = re.search(r'href="(/agenda/regulier/[0-9a-f-]+)"', page.html)
    assert address
    edit = visitor.see(address[1])
    form = edit.form(address[1])
    page = visitor.send(
        form, portee="this", occurrence="2026-12-05", heure="10h", acte="modifier", patients="2"
    )
    assert "samedi 5 décembre de 10 h" in page.text
    form = visitor.see(address[1]).form(address[1])
    page = visitor.send(form, portee="following", occurrence="2026-12-12", acte="supprimer")
    assert "4 créneaux retirés" in page.text
    form = visitor.see(address[1]).form(address[1])
    page = visitor.send(form, portee="all", patients="1", acte="modifier")
    assert "2 créneaux retirés" in page.text
    form = visitor.see(address[1]).form(address[1])
    page = visitor.send(form, portee="all", acte="supprimer")
    assert "Samedi à 9 h" not in page.text


def test_an_opening_without_a_day_is_asked_again(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    form = visitor.see("/agenda/regulier").form("/agenda/regulier")
    page = visitor.send(form, heure="9h", patients="2")
    assert page.status == 422
    assert "Cochez au moins un jour" in page.text
    assert 'value="9h"' in page.html


def test_an_absence_hides_what_is_free_and_lifting_it_brings_it_back(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    publish(visitor, "02/12", "9h")
    form = visitor.see("/agenda/absences").form("/agenda/absences")
    page = visitor.send(form, du="02/12", libelle="Formation")
    assert "Absence notée" in page.text
    assert "2 créneaux libres masqués" in page.text
    week = visitor.see("/agenda?semaine=2026-12-02")
    assert "masqué par une absence" in week.text
    page = publish(visitor, "02/12", "15h")
    assert "levez d’abord l’absence" in page.text
    page = visitor.send(visitor.see("/agenda/absences").form("/lever"))
    assert "2 créneaux rouverts" in page.text
    assert "Formation" not in page.text


def test_an_absence_that_ends_before_it_starts_is_told(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    form = visitor.see("/agenda/absences").form("/agenda/absences")
    page = visitor.send(form, du="04/12", au="03/12")
    assert page.status == 422
    assert "La fin doit venir après le début" in page.text


def test_an_absence_may_give_up_what_is_taken_only_with_a_reason(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    form = visitor.see("/agenda/absences").form("/agenda/absences")
    page = visitor.send(form, du="04/12", pris="annuler")
    assert page.status == 422
    assert "Dites pourquoi" in page.text


def test_a_week_is_published_again_without_what_is_there_already(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    publish(visitor, "08/12", "9h")
    publish(visitor, "15/12", "9h", patients=1)
    page = visitor.see("/agenda/semaine-derniere?semaine=2026-12-14")
    assert "Mardi 15 décembre à 9 h Un autre créneau" in page.text
    before = visitor.see("/agenda?semaine=2026-12-14").html.count("/retirer")
    assert before == 1
    page = visitor.send(page.form("/agenda/semaine-derniere"))
    assert "Un créneau publié." in page.text
    assert page.html.count("/retirer") == 2
    page = visitor.see("/agenda/semaine-derniere?semaine=2026-12-14")
    assert "Rien à publier" in page.text


def test_a_week_copied_onto_a_holiday_says_so(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    publish(visitor, "18/12", "9h", patients=1)
    page = visitor.see("/agenda/semaine-derniere?semaine=2026-12-21")
    assert "Vendredi 25 décembre à 9 h Créneau refusé" in page.text


def test_a_free_slot_is_taken_back_at_one_tap(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    page = publish(visitor, "10/12", "9h", patients=1)
    page = visitor.send(page.form("/retirer"))
    assert "Créneau retiré" in page.text
    assert "9 h : retiré" in page.text


def test_a_slot_taken_meanwhile_is_not_taken_back_but_shown(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    page = visitor.see("/agenda")
    withdrawn = [form for form in page.forms if form.action.endswith("/retirer")]
    ticket(signed_in("pharmacie"), "Pressé")
    pages = [visitor.send(form) for form in withdrawn[:1]]
    assert any("Ce créneau vient d’être pris" in one.text for one in pages), pages[0].text
    assert "PRESSÉ" in pages[0].text


def test_a_slot_leaves_the_national_platform_by_one_tick(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    week = publish(visitor, "10/12", "9h", patients=1)
    form = slot_page(visitor, week, "9 h").form("/publics")
    assert ("sas", "oui") in form.fields
    kept = [pair for pair in form.fields if pair[0] != "sas"]
    hidden = visitor.send(Form(form.action, kept)).form("/publics")
    assert "sas" not in dict(hidden.fields)
    shown = visitor.send(Form(form.action, [*hidden.fields, ("sas", "oui")])).form("/publics")
    assert ("sas", "oui") in shown.fields


def test_a_slot_changes_its_audience(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    week = publish(visitor, "11/12", "9h", patients=1)
    page = slot_page(visitor, week, "9 h")
    form = page.form("/publics")
    kept = [pair for pair in form.fields if not pair[0].startswith("public_")]
    asked = visitor.send(Form(form.action, kept))
    assert asked.status == 422
    assert "Choisissez au moins un public" in asked.text
    changed = visitor.send(Form(form.action, [*kept, ("public_professionals", "oui")]))
    assert "C’est enregistré" in changed.text
    ticked = [name for name, _ in changed.form("/publics").fields if name.startswith("public_")]
    assert ticked == ["public_professionals"]


def test_who_comes_is_told_with_reason_and_phone_and_audited(signed_in: SignIn, service: Service) -> None:
    ticket(signed_in("pharmacie"), "Arrivant")
    page = signed_in("guillou").see("/agenda")
    assert "Jeanne ARRIVANT" in page.text
    assert "Douleur d’oreille" in page.text
    assert 'href="tel:' in page.html
    with service.wiring.transaction() as session:
        import sqlalchemy as sa

        why = session.execute(
            sa.text("SELECT count(*) FROM audit_entry WHERE why = 'semaine du praticien'")
        ).scalar()
    assert why


def test_cancelling_an_appointment_needs_a_reason_and_reopens_its_request(signed_in: SignIn) -> None:
    ticket(signed_in("pharmacie"), "Annulé")
    visitor = signed_in("guillou")
    page = next(
        found
        for address in re.findall(r'href="(/agenda/creneaux/[0-9a-f-]+)"', visitor.see("/agenda").html)
        if "Jeanne ANNULÉ" in (found := visitor.see(address)).text
    )
    asked = visitor.send(page.form("/annuler"))
    assert asked.status == 422
    assert "Dites pourquoi" in asked.text
    asked = visitor.send(page.form("/annuler"), motif="autre")
    assert 'id="precision-erreur"' in asked.html
    done = visitor.send(page.form("/annuler"), motif="Urgence au cabinet")
    assert "la demande repart en recherche" in done.text
    assert "Jeanne ANNULÉ" not in visitor.see("/agenda").text
    assert "Recherche" in signed_in("osnp").see("/").text or "recherche" in signed_in("osnp").see("/").text


def test_an_outcome_is_one_tap_and_a_second_tap_is_no_fault(signed_in: SignIn, service: Service) -> None:
    ticket(signed_in("pharmacie"), "Venue")
    visitor = signed_in("guillou")
    before = service.clock.instant
    service.clock.instant = before.replace(hour=18)
    try:
        visitor = signed_in("guillou")
        page = visitor.see("/")
        assert "Sont-ils venus ?" in page.text
        came = page.form("/venu")
        page = visitor.send(came)
        assert "Noté : venu" in page.text
        page = visitor.send(came)
        assert page.status == 200
        figures = visitor.see("/agenda/chiffres").text
        assert "Venus 1" in figures
    finally:
        service.clock.instant = before


def test_figures_are_for_himself_alone(signed_in: SignIn) -> None:
    assert "Vous seul les voyez" in signed_in("guillou").see("/agenda/chiffres").text


@pytest.fixture
def secretary(service: Service, opened: set[str]) -> str:
    """The login of a secretary."""
    if "secretariat" not in opened:
        open_account(service, "secretariat", Role.DELEGATE)
        opened.add("secretariat")
    return "secretariat"


def test_a_secretary_acts_while_the_practitioner_lets_him(signed_in: SignIn, secretary: str) -> None:
    assert "Aucun agenda ne vous est confié" in signed_in(secretary).see("/").text
    visitor = signed_in("guillou")
    form = visitor.see("/agenda/acces").form("/agenda/acces")
    assert "Aucun compte de secrétariat" in visitor.send(form, identifiant="personne").text
    assert "Aucun compte de secrétariat" in visitor.send(form, identifiant="guillou").text
    page = visitor.send(form, identifiant=secretary)
    assert "L’accès est donné" in page.text
    acting = signed_in(secretary)
    assert "Agenda de Dr Anne Guillou" in acting.see("/").text
    assert "Un créneau publié" in publish(acting, "16/12", "9h", patients=1).text
    for address in ("/agenda/chiffres", "/agenda/acces"):
        assert acting.see(address).status == 403
    page = visitor.send(page.form("/retirer"))
    assert "Personne d’autre que vous" in page.text
    assert "Aucun agenda ne vous est confié" in acting.see("/").text
    assert acting.see("/agenda/plage").status == 403


PAGES = ("", "/plage", "/regulier", "/absences", "/semaine-derniere", "/chiffres", "/acces", "/calendriers")


@pytest.mark.parametrize("login", ["pharmacie", "infirmiers", "osnp", "coordination", "admin"])
def test_an_agenda_is_closed_to_every_other_role(signed_in: SignIn, login: str) -> None:
    visitor = signed_in(login)
    assert {visitor.see(f"/agenda{page}").status for page in PAGES} == {403}


def test_somebody_elses_slot_is_not_found(signed_in: SignIn, service: Service) -> None:
    from slots.agenda import service as agenda
    from slots.agenda.facts import SlotFilter

    query = SlotFilter(practitioner_ids=frozenset({service.town.doctors[1]}))
    with service.wiring.transaction() as session:
        other = agenda.list_slots(session, query, now=service.clock.now()).items[0]
    visitor = signed_in("guillou")
    assert visitor.see(f"/agenda/creneaux/{other.id}").status == 404
    token = next(value for name, value in panel(visitor).fields if name == "csrf_token")
    form = Form(f"/agenda/creneaux/{other.id}/retirer", [("csrf_token", token)])
    assert visitor.send(form).status == 404


@pytest.mark.parametrize(
    ("address", "ending", "typed"),
    [
        ("/agenda", "/agenda/publier", {"autre_jour": "26/11", "autre_heure": "8h45"}),
        ("/agenda/plage", "/agenda/plage", {"jour": "26/11", "debut": "8h45"}),
        ("/agenda/regulier", "/agenda/regulier", {"heure": "8h45", "patients": "3"}),
        ("/agenda/absences", "/agenda/absences", {"du": "26/11", "libelle": "8h45"}),
    ],
)
def test_a_finished_session_gives_back_what_was_typed(
    signed_in: SignIn, address: str, ending: str, typed: dict[str, str]
) -> None:
    visitor = signed_in("guillou")
    form = visitor.see(address).form(ending)
    visitor.forget_session()
    page = visitor.send(form, **typed)
    assert page.status == 401
    page = visitor.send(
        page.form("/connexion"), identifiant="guillou", mot_de_passe="une phrase assez longue"
    )
    assert page.path == address
    assert 'value="8h45"' in page.html


@pytest.mark.parametrize(
    ("address", "arrival"),
    [("/agenda/publier", "/agenda"), ("/agenda/calendriers/noms", "/agenda/calendriers")],
)
def test_the_address_of_a_form_leads_back_to_its_page(signed_in: SignIn, address: str, arrival: str) -> None:
    page = signed_in("guillou").see(address)
    assert (page.status, page.path) == (200, arrival)


def test_a_form_without_its_token_is_refused(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    bare = Form("/agenda/publier", [("autre_jour", "26/11"), ("autre_heure", "8h"), ("patients", "1")])
    assert visitor.send(bare).status == 403


def test_every_address_of_an_agenda_is_closed_to_every_other_role(
    signed_in: SignIn, service: Service
) -> None:
    from fastapi.routing import iter_route_contexts

    nobody = "00000000-0000-0000-0000-000000000000"
    posts = {
        re.sub(r"\{[a-z_]+\}", nobody, route.path)
        for route in iter_route_contexts(service.server.app.routes)
        if route.path.startswith("/agenda") and "POST" in (route.methods or ())
    }
    assert len(posts) >= 18
    visitors = [signed_in(login) for login in ("pharmacie", "osnp", "coordination", "admin")]
    for visitor in visitors:
        page = visitor.see("/")
        token = next(v for form in page.forms for name, v in form.fields if name == "csrf_token")
        for address in posts:
            assert visitor.send(Form(address, [("csrf_token", token)])).status == 403, address
