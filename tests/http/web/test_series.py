"""A physiotherapist's series, read and acted on as a browser without scripts does; and what others see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from api.security import service as security
from api.security.facts import NewAccount
from regulation.messages.composing import PATIENT_PAGE
from regulation.series import keeping
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.assignment.facts import Audience, Mode
from snp.directory import service as directory
from snp.platform.actors import Role
from snp.platform.secret_links import secret_text
from tests.http.web.test_desk import patient_form
from tests.http.web.test_professionals import patient_page
from tests.support.directory import ADMINISTRATOR, a_practitioner
from tests.support.pages import PASSWORD, TUESDAY, Page, Service, Visitor

pytestmark = pytest.mark.database
SignIn = Callable[[str], Visitor]
SAID = "Genou encore raide, flexion 70 degrés."


@pytest.fixture(scope="module")
def physios(service: Service) -> dict[str, str]:
    """Two physiotherapists who sign in, with slots; the name of each, by login."""
    with service.wiring.transaction() as session:
        here = service.town.territory
        (riou,) = keeping.physios(session, here, TUESDAY)
        le_gall = a_practitioner(
            session,
            site_ids=riou.site_ids,
            member_of=(here,),
            given_name="Nina",
            family_name="Le Gall",
            profession="masseur_kinesitherapeute",
        )
        offer = Offer(riou.site_ids[0], Mode.AMB, frozenset({Audience.PROFESSIONALS}), frozenset({here}))
        for days in (1, 2, 3, 6):
            start = TUESDAY + timedelta(days=days, hours=6)
            agenda.publish_slot(session, le_gall.id, start, offer, by=ADMINISTRATOR, now=TUESDAY)
        for login, carer in (("riou", riou), ("legall", le_gall)):
            new = NewAccount(
                login=login,
                display_name=carer.full_name,
                role=Role.PRACTITIONER,
                password=PASSWORD,
                territory_ids=(here,),
                practitioner_id=carer.id,
            )
            security.create_account(session, new, by=ADMINISTRATOR, now=TUESDAY)
        return {"riou": riou.full_name, "legall": le_gall.full_name}


@pytest.fixture
def enter(service: Service, physios: dict[str, str]) -> Iterator[SignIn]:
    """Give a visitor signed in as one of the physiotherapists."""
    visitors: list[Visitor] = []

    def sign_in(login: str) -> Visitor:
        visitors.append(Visitor(service))
        visitors[-1].sign_in(login)
        return visitors[-1]

    yield sign_in
    for one in visitors:
        one.close()


def booked(service: Service) -> list:
    with service.wiring.transaction() as session:
        return list(appointments.list_appointments(session, AppointmentFilter(live=True)).items)


def send(visitor: Visitor, page: Page, ending: str, **typed: str) -> Page:
    return visitor.send(page.form(ending), **typed)


def test_the_life_of_a_series(service: Service, signed_in: SignIn, enter: SignIn) -> None:
    doctor, riou, le_gall = signed_in("guillou"), enter("riou"), enter("legall")
    page = patient_page(doctor)
    page = doctor.send(
        patient_form(page), nom="Barbier", prenom="Hugo", commune="Pornic (44210)", seances="2"
    )
    assert "Puis" in page.text
    doctor.send(doctor.send(page.form("/retenir")).form("/confirmer"))
    first, second = sorted(booked(service), key=lambda one: one.start)
    series = f"/series/{first.request_id}"
    assert "Hugo BARBIER" in doctor.see("/series").text
    assert "pas encore terminée" in doctor.see(series).text
    assert "fiche/lire" not in doctor.see(series).html

    holder, other = (riou, le_gall) if "BARBIER" in riou.see("/series").text else (le_gall, riou)
    login = "riou" if holder is riou else "legall"
    assert "BARBIER" not in other.see("/series").text
    assert other.see(series).status == 404
    offered_and_refused(holder, other, series, second.id)

    service.clock.instant = second.end + timedelta(minutes=5)
    holder.sign_in(login)
    doctor.sign_in("guillou")
    page = send(holder, holder.see(series), f"{first.id}/faite")
    page = send(holder, page, f"{second.id}/faite")
    written_and_read(holder, doctor, series)
    page = holder.see(f"{series}/suite")
    told = send(holder, page, "/suite", fin="handed_over", choix=page.form("/suite").choices["choix"][1])
    assert "Terminée" in told.text
    assert "Hugo BARBIER" in holder.see("/series?vue=terminees").text
    read_by_the_patient(service, f"/rdv/{secret_text(PATIENT_PAGE, first.id, service.wiring.keys.hasher())}")
    service.clock.instant = TUESDAY


def offered_and_refused(holder: Visitor, other: Visitor, series: str, session_id: object) -> None:
    assert "écart" in holder.see(f"{series}/seances/{session_id}").text
    page = holder.see(series)
    colleague = page.form("/confier").choices["confrere"][1]
    assert "La série est proposée" in send(holder, page, "/confier", confrere=colleague, raison="load").text
    assert "Proposées par un confrère" in other.see("/series").text
    assert "Vous avez refusé" in send(other, other.see(series), "/refuser").text
    assert other.see(series).status == 404


def written_and_read(holder: Visitor, doctor: Visitor, series: str) -> None:
    writing = holder.see(f"{series}/fiche")
    refused = send(holder, writing, "/fiche", fiche_findings="", acte="terminer")
    assert refused.status == 422
    assert "à remplir" in refused.text.casefold()
    draft = send(holder, writing, "/fiche", fiche_findings=SAID + "x" * 1000, acte="brouillon")
    assert "brouillon est enregistré" in draft.text
    done = send(holder, draft, "/fiche", fiche_findings=SAID, acte="terminer")
    assert "La fiche est terminée" in done.text
    for reader in (holder, doctor):
        assert SAID in reader.see(f"{series}/fiche/lire").text


def read_by_the_patient(service: Service, link: str) -> None:
    patient = Visitor(service)
    assert SAID not in patient.see(f"{link}/fiche").text
    wrong = send(patient, patient.see(f"{link}/fiche"), "/fiche", naissance="06/04/1985")
    assert wrong.status == 422
    assert SAID not in wrong.text
    right = send(patient, wrong, "/fiche", naissance="05/04/1985")
    assert SAID in right.text
    assert "BARBIER" not in right.text
    assert right.headers["cache-control"] == "no-store"
    typed = {"naissance": "05/04/1985", "forme": "pdf"}
    answer = httpx.post(f"{service.address}{link}/fiche", data=typed, timeout=20)
    assert "flexion 70 degrés" in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert "distance" in patient.see(f"{link}/kines").text
    patient.close()


def test_a_physio_sets_what_patients_read_and_who_stands_in(enter: SignIn, physios: dict[str, str]) -> None:
    visitor = enter("legall")
    page = visitor.see("/series/reglages")
    told = send(visitor, page, "/profil", prend="oui", acces_direct="15/07/2024")
    assert told.status == 422
    told = send(visitor, told, "/profil", prend="oui", acces_direct="15/07/2025")
    assert "C’est enregistré" in told.text
    colleague = told.form("/relais").choices["confrere"][1]
    wrong = send(visitor, told, "/relais", du="28/11", au="25/11", confrere=colleague)
    assert wrong.status == 422
    told = send(visitor, wrong, "/relais", du="25/11", au="28/11", confrere=colleague)
    assert f"remplacé par {physios['riou']}" in told.text.replace(" , ", ", ")
    told = send(visitor, told, "/terminer")
    assert "Aucun relais" in told.text
    address = next(line for line in told.html.split('"') if line.startswith("/series/modeles/"))
    page = visitor.see(address)
    told = send(visitor, page, page.form(address.rsplit("/", 1)[1]).action, titre_findings="Bilan")
    assert "Le modèle est enregistré" in told.text


def test_a_coordinator_sets_days_and_sees_no_patient(service: Service, signed_in: SignIn) -> None:
    visitor = signed_in("coordination")
    page = visitor.see("/coordination/kine")
    assert page.status == 200
    assert "BARBIER" not in page.text
    told = send(visitor, page, _ending(page, "acces-direct"), acces_du="2025-07-15", acces_au="2025-01-01")
    assert told.status == 422
    told = send(visitor, told, _ending(told, "acces-direct"), acces_du="2025-07-15", acces_au="")
    assert "accès direct sont enregistrées" in told.text
    address = next(line for line in told.html.split('"') if "/kine/modeles/trauma" in line)
    page = visitor.see(address.replace("&amp;", "&"))
    wrong = send(visitor, page, _ending(page, "modeles/trauma"), ecart_min="6", ecart_max="2")
    assert wrong.status == 422
    told = send(visitor, wrong, _ending(wrong, "modeles/trauma"), ecart_min="1", ecart_max="6")
    assert "De 1 à 6 jours" in told.text
    physio = told.form(_ending(told, "kine/relais")).choices["absent"]
    told = send(
        visitor,
        told,
        _ending(told, "kine/relais"),
        absent=physio[1],
        confrere=physio[2],
        du="25/11",
        au="28/11",
    )
    assert "Le relais est noté" in told.text
    assert visitor.see("/series").status == 403
    with service.wiring.transaction() as session:
        (territory,) = directory.list_territories(session).items
        assert territory.settings.direct_access_from is not None


def test_a_physio_is_asked_for_the_grounds_and_refused_direct_access(enter: SignIn) -> None:
    visitor = enter("riou")
    form = patient_form(patient_page(visitor))
    typed = {"nom": "Durand", "prenom": "Lou", "commune": "Pornic (44210)", "seances": "1"}
    page = visitor.send(form, **typed)
    assert page.status == 422
    assert "diagnostic médical préalable" in page.text
    page = visitor.send(patient_form(page), **typed, diagnostic="non")
    assert page.status == 422
    assert "L’accès direct" in page.text
    page = visitor.send(patient_form(page), **typed, diagnostic="oui", diagnostic_le="20/11/2026")
    assert "Créneaux proposés" in page.text


def test_other_roles_have_no_series(signed_in: SignIn) -> None:
    for login in ("pharmacie", "osnp", "regulateur", "admin"):
        assert signed_in(login).see("/series").status == 403


def _ending(page: Page, part: str) -> str:
    return next(form.action for form in page.forms if part in form.action)


def test_a_secretary_fills_the_form_and_reads_no_sheet(service: Service, enter: SignIn) -> None:
    with service.wiring.transaction() as session:
        new = NewAccount(
            login="telesecretariat",
            display_name="Télésecrétariat",
            role=Role.DELEGATE,
            password=PASSWORD,
            territory_ids=(service.town.territory,),
        )
        made = security.create_account(session, new, by=ADMINISTRATOR, now=TUESDAY)
        security.grant_delegation(
            session,
            account_id=made.id,
            practitioner_id=service.town.doctors[0],
            by=ADMINISTRATOR,
            now=TUESDAY,
        )
    visitor = enter("telesecretariat")
    form = patient_form(patient_page(visitor))
    page = visitor.send(form, nom="Marin", prenom="Zoé", commune="Pornic (44210)", seances="1")
    assert "Créneaux proposés" in page.text
    visitor.send(visitor.send(page.form("/retenir")).form("/confirmer"))
    listed = visitor.see("/series")
    assert "Zoé MARIN" in listed.text
    address = next(line for line in listed.html.split('"') if line.startswith("/series/0"))
    assert "Réservée au soignant" in visitor.see(address).text
    assert visitor.see(f"{address}/fiche/lire").status == 403
