"""Coverage without a script: the board, a call by hand, its link, the settings, the console's notice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from regulation.coverage import repository
from regulation.coverage import service as coverage
from regulation.coverage.facts import AskView, Basis
from regulation.coverage.halves import HalfDay
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import PractitionerDetails, PractitionerView
from snp.platform.actors import system
from tests.support.pages import TUESDAY, Form, Page, Service, Visitor

pytestmark = pytest.mark.database
SignIn = Callable[[str], Visitor]
BOARD = "/coordination/couverture"


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


@pytest.fixture(autouse=True)
def reachable(service: Service) -> None:
    """The two doctors of the town have mobile phones, and welcome many messages."""
    now = service.clock.now()
    with service.wiring.transaction() as session:
        for place, ident in enumerate(service.town.doctors):
            one = directory.get_practitioner(session, ident, now=now)
            if one.phone == f"+3363998000{place}":
                continue
            directory.update_practitioner(
                session,
                ident,
                directory_details(one, f"+3363998000{place}"),
                version=one.version,
                by=system("tests"),
                now=now,
            )


def directory_details(one: PractitionerView, phone: str) -> PractitionerDetails:
    return PractitionerDetails(
        given_name=one.given_name,
        family_name=one.family_name,
        profession=one.profession,
        rpps=one.rpps,
        title=one.title,
        phone=phone,
        site_ids=frozenset(one.site_ids),
        preferences=replace(one.preferences, max_messages_a_week=20),
    )


def a_call(service: Service, half: HalfDay, slots: int = 2) -> tuple[UUID, list[AskView]]:
    """A call opened by the coordinator's software."""
    now = service.clock.now()
    with service.wiring.transaction() as session:
        made = coverage.open_call(
            session, service.town.territory, "medecin_generaliste", {half: slots}, by=system("tests"), now=now
        )
        return made.id, coverage.asks(session, made.id)


def link_of(service: Service, ask: AskView) -> str:
    return f"/lien/{coverage.secret_of(ask.id, service.wiring.keys)}"


def form_of(page: Page, action: str) -> Form:
    return next(form for form in page.forms if action in form.action)


def test_the_board_says_what_the_forecast_rests_on(signed_in: SignIn) -> None:
    page = signed_in("coordination").see(BOARD)

    assert "Aucun besoin n’est encore connu ici" in page.text
    assert "Médecin généraliste" in page.text
    assert "Aujourd’hui, matin" in page.text
    assert "<svg viewBox=" in page.html
    assert len(re.findall(r'name="n-2026-', page.html)) > 15


def test_a_call_by_hand_is_previewed_opened_and_cancelled(signed_in: SignIn, service: Service) -> None:
    day = local_day(TUESDAY) + timedelta(days=2)
    coordination = signed_in("coordination")
    preview = coordination.see(f"{BOARD}/appel?profession=medecin_generaliste&n-{day}-am=3")
    assert "Dr Anne Guillou" in preview.text
    assert "Dr Yann Le Bris" in preview.text
    assert "jeudi 26" in preview.text

    opened = coordination.send(form_of(preview, "/couverture/appel"))
    assert "L’appel est ouvert" in opened.text
    assert "Sollicités 2" in opened.text

    again = coordination.send(form_of(preview, "/couverture/appel"))
    assert "Un appel est déjà en cours" in again.text

    cancelled = coordination.send(form_of(opened, "/annuler"))
    assert "L’appel est annulé" in cancelled.text
    late = coordination.send(form_of(opened, "/annuler"))
    assert "déjà terminé" in late.text
    assert "Annulé" in coordination.see(f"{BOARD}/appels").text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("profession=medecin_generaliste", "Indiquez au moins un créneau"),
        ("profession=medecin_generaliste&n-2026-11-27-am=douze", "un nombre de créneaux de 0 à 50"),
        ("profession=medecin_generaliste&n-2026-11-20-am=2", "est passée"),
        ("profession=sorcier&n-2026-11-27-am=2", "Cette profession n’existe pas"),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_words(signed_in: SignIn, query: str, told: str) -> None:
    page = signed_in("coordination").see(f"{BOARD}/appel?{query}")

    assert page.status == 422
    assert told in page.text


def test_one_tap_on_the_link_publishes_and_says_thank_you(
    service: Service, visitor: Visitor, signed_in: SignIn
) -> None:
    half = HalfDay(local_day(TUESDAY) + timedelta(days=3), False)
    call_id, asks = a_call(service, half, slots=4)
    link = link_of(service, asks[0])

    first = visitor.see(link)
    assert "Un créneau à ouvrir ?" in first.text
    assert "vendredi 27 novembre" in first.text.lower()
    done = visitor.send(form_of(first, "/lien/"), accepte=asks[0].moments[0].start.isoformat())
    assert "Merci : c’est publié" in done.text
    assert "Publié par vous" in done.text

    other = visitor.see(link_of(service, asks[1]))
    told = visitor.send(form_of(other, "/lien/"), reponse="pas-cette-semaine")
    assert "jusqu’au" in told.text
    assert "Me solliciter à nouveau" in visitor.send(form_of(told, "/lien/"), reponse="arreter").text
    back = visitor.send(form_of(visitor.see(link_of(service, asks[1])), "/lien/"), reponse="reprendre")
    assert "Un créneau à ouvrir ?" in back.text
    no = visitor.send(form_of(back, "/lien/"), reponse="refuser")
    assert "vous ne pouviez pas" in no.text

    page = signed_in("coordination").see(f"{BOARD}/appels/{call_id}")
    assert "Créneaux obtenus 2 / 4" in page.text
    assert "Guillou" not in page.text
    assert visitor.send(form_of(first, "/lien/"), accepte="jamais").status == 200
    late = visitor.send(form_of(first, "/lien/"), accepte="2026-11-27T03:00:00+00:00")
    assert "n’est plus à prendre" in late.text


def test_a_secret_of_another_service_opens_nothing(visitor: Visitor) -> None:
    assert visitor.see("/lien/" + "A" * 48).status == 404


def test_settings_are_written_and_faults_are_told_beside_their_field(signed_in: SignIn) -> None:
    coordination = signed_in("coordination")
    page = coordination.see(BOARD)
    typed = {
        "messages": "1",
        "vacances": "19/12/2026 au 3/1/2027, 2027-02-20/2027-03-07",
        "besoin_saison": "200",
    }
    saved = coordination.send(form_of(page, "/reglages"), **typed)
    assert "Les réglages sont enregistrés" in saved.text
    assert "19/12/2026 au 03/01/2027, 20/02/2027 au 07/03/2027" in saved.html
    wrong = coordination.send(form_of(saved, "/reglages"), messages="12", vacances="Noël")
    assert "Messages par semaine : un nombre entier de 0 à 7" in wrong.text
    wrong = coordination.send(form_of(saved, "/reglages"), vacances="Noël")
    assert "Vacances scolaires : des périodes" in wrong.text
    wrong = coordination.send(form_of(saved, "/reglages"), saison_du="45/13")
    assert "Saison : deux jours de l’année" in wrong.text
    wrong = coordination.send(form_of(saved, "/reglages"), vacances="31/02/2027 au 03/01/9999")
    assert "Vacances scolaires : des périodes" in wrong.text
    stale = coordination.send(form_of(page, "/reglages"), messages="2", version="9" * 30)
    assert "Quelqu’un d’autre vient de changer" in stale.text
    coordination.send(form_of(saved, "/reglages"), messages="7")


def test_the_regulation_is_told_before_nothing_is_left(signed_in: SignIn, service: Service) -> None:
    now = service.clock.now()
    with service.wiring.transaction() as session:
        territory = directory.get_territory(session, service.town.territory)
        [sheet] = [
            one
            for one in coverage.refresh(session, territory, now=now)
            if one.profession == "medecin_generaliste"
        ]
        lines = tuple(replace(line, risk=0.8) for line in sheet.lines)
        repository.write_sheet(session, replace(sheet, basis=Basis.WEEKS, lines=lines))

    page = signed_in("regulateur").see("/regulation")

    assert "Bientôt plus rien" in page.text
    assert "80 % de risque" in page.text.replace("\u00a0", " ")
