"""The page of neighbours, the mark on a proposal, and the practitioner's own say, without a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from api.security import service as security
from api.security.facts import NewAccount
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from snp.assignment.facts import Audience, Mode
from snp.directory import service as directory
from snp.platform.actors import Role
from tests.support.console import Console
from tests.support.directory import ADMINISTRATOR, a_practitioner, a_site, a_territory
from tests.support.pages import PASSWORD, TUESDAY, Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


@pytest.fixture(scope="module")
def neighbour(service: Service) -> UUID:
    """A second territory, with its coordinator and a speech therapist whose slots this town has none of."""
    with service.wiring.transaction() as session:
        made = a_territory(session, "montaigu", name="CPTS de Montaigu", communes=("85146",)).id
        new = NewAccount("voisine", "Voisine", Role.COORDINATOR, PASSWORD, territory_ids=(made,))
        security.create_account(session, new, by=ADMINISTRATOR, now=TUESDAY)
        site = a_site(session, "44131", name="Cabinet voisin")
        carer = a_practitioner(
            session,
            site_ids=(site.id,),
            member_of=(made,),
            profession="orthophoniste",
            given_name="Lou",
            family_name="Marchand",
        )
        offer = Offer(site.id, Mode.AMB, frozenset({Audience.REGULATION}), frozenset({made}))
        for hours in (5, 6):
            agenda.publish_slot(
                session, carer.id, TUESDAY + timedelta(hours=hours), offer, by=ADMINISTRATOR, now=TUESDAY
            )
    return made


@pytest.fixture
def next_door(service: Service, neighbour: UUID) -> Iterator[Visitor]:
    """The coordinator of the neighbour."""
    assert neighbour
    someone = Visitor(service)
    someone.sign_in("voisine")
    yield someone
    someone.close()


def town_page(visitor: Visitor) -> Page:
    return visitor.see("/coordination/voisins")


def test_an_offer_with_faults_is_told_field_by_field_and_loses_nothing(
    signed_in: SignIn, next_door: Visitor
) -> None:
    coordination = signed_in("coordination")
    page = town_page(coordination)
    assert "Aucun accord pour l’instant" in page.text
    wrong = coordination.send(page.form(page.forms[-1].action), du="2020-01-01", par_jour="beaucoup")
    assert wrong.status == 422
    for sentence in ("Choisissez un territoire voisin", "Un nombre entier, ou rien"):
        assert sentence in wrong.text
    assert 'value="2020-01-01"' in wrong.html


def test_two_coordinators_agree_a_request_overflows_and_each_sees_his_part(
    signed_in: SignIn, service: Service, next_door: Visitor
) -> None:
    town = service.town.territory
    page = town_page(next_door)
    told = next_door.send(
        page.form(page.forms[-1].action),
        voisin=str(town),
        profession_orthophoniste="oui",
        par_jour="1",
    )
    assert "L’offre est faite" in told.text
    assert "Retirer l’offre" in told.text

    coordination = signed_in("coordination")
    received = town_page(coordination)
    assert "De CPTS de Montaigu" in received.text
    assert "1 au plus par jour" in received.text
    again = next(f for f in received.forms if "/accepter" in f.action)
    accepted = coordination.send(again)
    assert "L’accord vaut dès maintenant" in accepted.text
    assert "a changé entre-temps" in coordination.send(again).text

    # P1 overflows at once here: the console reads the neighbour's slot out, and says whose it is.
    settings = coordination.see("/coordination/reglages")
    form = next(f for f in settings.forms if "/coordination/reglages" in f.action)
    saved = coordination.send(form, voisins_p2="0", voisins_p3="", rayon="100")
    assert "Les réglages sont enregistrés" in saved.text
    with service.wiring.transaction() as session:
        kept = directory.get_territory(session, town).settings
    assert (kept.overflow_p2_minutes, kept.overflow_p3_minutes) == (0, None)

    console = Console(signed_in("regulateur"))
    found = console.decide(console.call("Kerleau"), profession="orthophoniste")
    assert "Territoire voisin" in found.text
    assert "Créneau du territoire voisin CPTS de Montaigu, partagé depuis le" in found.text
    booked = console.book(found)
    assert "Rendez-vous confirmé" in booked.text
    assert "CPTS de Montaigu" in booked.text

    for visitor, words in ((next_door, "pris par ce voisin"), (coordination, "pris chez ce voisin")):
        seen = town_page(visitor)
        assert f"1 créneau {words}" in " ".join(seen.text.split())
        assert "Kerleau" not in seen.text

    ending = next(f for f in town_page(coordination).forms if "/terminer" in f.action)
    assert "Les rendez-vous déjà pris restent pris" in coordination.send(ending).text
    assert "Aucun accord pour l’instant" in town_page(coordination).text
    assert "terminé" in coordination.see("/coordination/voisins?termines=1").text


def test_an_agreement_of_others_is_not_found(signed_in: SignIn, next_door: Visitor) -> None:
    page = town_page(next_door)
    form = page.form(page.forms[-1].action)
    form.action = "/coordination/voisins/00000000-0000-7000-8000-000000000000/accepter"
    assert next_door.send(form).status == 404


def test_a_practitioner_keeps_his_slots_for_his_territory(signed_in: SignIn) -> None:
    doctor = signed_in("guillou")
    page = doctor.see("/agenda/acces")
    assert "partagés" in page.text
    form = next(f for f in page.forms if "/acces/prets/" in f.action)
    kept = doctor.send(form)
    assert "Vos créneaux restent dans ce territoire" in kept.text
    back = doctor.send(next(f for f in kept.forms if "/acces/prets/" in f.action))
    assert "Aucun accord avec un voisin" in back.text
