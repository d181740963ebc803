"""Break-glass on pages: asked with a reason, read for a time, seen by the delegate."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from api.security import service as security
from api.security.facts import NewAccount
from regulation.intake import service as intake
from regulation.intake.facts import Opening, Origin, PatientTraits, Sex
from snp.platform.actors import Role, system
from tests.support.directory import ADMINISTRATOR, a_territory
from tests.support.pages import PASSWORD, Service, Visitor, open_account

pytestmark = pytest.mark.database

WHY = "Malaise sur la voie publique, le SMUR demande son identité"


@pytest.fixture(scope="module")
def number(service: Service) -> str:
    """The number of a dossier of the town; a régulateur of elsewhere and a delegate of here have accounts."""
    open_account(service, "delegue", Role.DPO, display_name="Protection")
    open_account(service, "d-ici", Role.REGULATEUR)
    open_account(service, "arm-d-ici", Role.ARM)
    with service.wiring.transaction() as session:
        away: UUID = a_territory(
            session, "terres-de-montaigu", department="85", communes=("85146",), name="Terres de Montaigu"
        ).id
        new = NewAccount(
            login="d-ailleurs",
            display_name="Dr Camille Voisin",
            role=Role.REGULATEUR,
            password=PASSWORD,
            territory_ids=(away,),
        )
        now = service.clock.now()
        security.create_account(session, new, by=ADMINISTRATOR, now=now)
        opening = Opening(
            territory_id=service.town.territory,
            origin=Origin.ARM,
            patient=PatientTraits(
                family_name="Guérin",
                given_name="Jade",
                birth_date=service.clock.now().date().replace(year=1985),
                sex=Sex.FEMALE,
                insee="44131",
                phone="0612345678",
            ),
        )
        opened = intake.open_request(session, opening, keys=service.wiring.keys, by=system("tests"), now=now)
        return opened.request.number


def entered(service: Service, login: str) -> Visitor:
    visitor = Visitor(service)
    visitor.sign_in(login)
    return visitor


def test_a_dossier_of_elsewhere_is_opened_with_a_reason_and_seen_by_its_delegate(
    service: Service, number: str
) -> None:
    doctor, delegate = entered(service, "d-ailleurs"), entered(service, "delegue")
    assert "Aucun dossier de votre territoire" in delegate.see("/protection/urgences").text
    assert "Ouvrir en urgence un dossier d’un autre territoire" in doctor.see("/regulation").text
    asked = doctor.see("/regulation/urgence").form("/regulation/urgence")

    short = doctor.send(asked, dossier=number, raison="urgent")
    assert (short.status, "15 caractères au moins" in short.text) == (422, True)
    wrong = doctor.send(asked, dossier="2699-XXXX", raison=WHY)
    assert (wrong.status, "Aucun dossier ne porte ce numéro" in wrong.text) == (422, True)
    empty = doctor.send(asked)
    assert "Indiquez le numéro du dossier" in empty.text

    shown = doctor.send(asked, dossier=number, raison=WHY)
    assert "Jade GUÉRIN" in shown.text
    assert "06 12 34 56 78" in shown.text
    assert "CPTS Pays de Retz, jusqu’à 11:00" in shown.text
    assert not [one for one in shown.forms if not one.action.endswith("/deconnexion")]

    listed = delegate.see("/protection/urgences")
    for told in (WHY, "Dr Camille Voisin", "en cours", number):
        assert told in listed.text
    assert "Guérin" not in listed.text
    assert "Accès d’urgence , Dr Camille Voisin" in delegate.see(f"/protection?dossier={number}").text

    service.clock.advance(timedelta(minutes=service.wiring.settings.emergency_minutes))
    over = doctor.see(shown.path)
    assert over.path == "/regulation/urgence"
    assert "Cet accès d’urgence est terminé" in over.text
    doctor.close()
    delegate.close()


def test_ones_own_dossier_needs_no_emergency_and_an_arm_has_none(service: Service, number: str) -> None:
    doctor, arm = entered(service, "d-ici"), entered(service, "arm-d-ici")
    asked = doctor.see("/regulation/urgence").form("/regulation/urgence")

    assert "Ce dossier est de votre territoire" in doctor.send(asked, dossier=number, raison=WHY).text
    assert arm.see("/regulation/urgence").status == 403
    assert "Ouvrir en urgence" not in arm.see("/regulation").text
    doctor.close()
    arm.close()
