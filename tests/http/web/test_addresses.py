"""Addresses that nobody was given, and pages reloaded at the address of the form they answered."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.http.web.test_desk import eligible, proposals, ticket
from tests.support.pages import Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
NOBODYS = UUID(int=0)


@pytest.mark.parametrize(
    "address",
    [
        "/comptoir/dossiers/x",
        "/comptoir/demandes/x",
        "/comptoir/rendez-vous/x",
        "/comptoir?reprendre=x",
        f"/comptoir/dossiers/{NOBODYS}",
        f"/comptoir/dossiers/{NOBODYS}/confirmer",
    ],
)
def test_an_address_that_names_nothing_is_a_page_that_does_not_exist(signed_in: SignIn, address: str) -> None:
    page = signed_in("pharmacie").see(address)
    assert page.status == 404
    assert "Page introuvable" in page.text
    assert "_id" not in page.text


@pytest.mark.parametrize(
    ("address", "arrival"),
    [
        ("/comptoir/demandes", "/comptoir"),
        ("/comptoir/signes", "/comptoir"),
        ("/deconnexion", "/"),
        ("/rendez-vous/annuler", "/rendez-vous"),
    ],
)
def test_the_address_of_a_form_leads_back_to_its_page(signed_in: SignIn, address: str, arrival: str) -> None:
    page = signed_in("pharmacie").see(address)
    assert (page.status, page.path) == (200, arrival)


def test_a_dossier_is_found_again_from_the_address_of_each_of_its_forms(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    dossier = proposals(visitor, "Renaud").path
    for act in ("reprendre", "retenir", "confirmer", "lacher", "annuler"):
        assert visitor.see(f"{dossier}/{act}").path == dossier
    draft = eligible(visitor).path
    assert visitor.see(f"{draft}/medecin").path == draft
    booked = ticket(visitor, "Renault").path
    assert visitor.see(f"{booked}/annuler").path == booked


def test_characters_that_nobody_types_are_no_fault_of_ours(visitor: Visitor) -> None:
    page = visitor.send(visitor.see("/connexion").form("/connexion"), identifiant="\0", mot_de_passe="\0")
    assert page.status == 422
    assert "Identifiant ou mot de passe incorrect" in page.text
