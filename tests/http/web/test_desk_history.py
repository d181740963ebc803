"""What a desk finds again: its appointments, its traces, its poster; never those of another desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.http.web.test_desk import first_step, ticket
from tests.support.pages import Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


def test_a_desk_finds_its_own_appointments_again_and_no_other(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    made = ticket(visitor, "Fontaine").path
    page = visitor.see("/comptoir/historique")
    assert "Jeanne FONTAINE" in page.text
    assert f'href="{made}"' in page.html
    assert "FONTAINE" not in signed_in("infirmiers").see("/comptoir/historique").text


def test_a_cancelled_appointment_says_so(signed_in: SignIn) -> None:
    visitor = signed_in("pharmacie")
    visitor.send(ticket(visitor, "Lambert").form("/annuler"))
    page = visitor.see("/comptoir/historique")
    assert "Jeanne LAMBERT" in page.text
    assert "annulé" in page.text


def test_each_question_leaves_a_trace_without_a_name(signed_in: SignIn) -> None:
    visitor = signed_in("infirmiers")
    assert "laisseront ici leur trace" in visitor.see("/comptoir/historique/traces").text
    form = first_step(visitor).form("/comptoir/demandes")
    visitor.send(form, reponse="coche", ticked=(form.choices["signe"][0],))
    page = visitor.see("/comptoir/historique/traces")
    assert "Douleur d’oreille" in page.text
    assert "signe d’alerte : 15" in page.text
    assert "1 signe coché" in page.text


def test_the_poster_names_the_reasons_and_the_numbers(signed_in: SignIn) -> None:
    page = signed_in("pharmacie").see("/comptoir/affiche")
    assert "Douleur d’oreille" in page.text
    assert "Composez le 15" in page.text
    assert "Autre motif" not in page.text


@pytest.mark.parametrize(
    "address", ["/comptoir/historique", "/comptoir/historique/traces", "/comptoir/affiche"]
)
@pytest.mark.parametrize("login", ["osnp", "coordination", "admin"])
def test_the_history_is_closed_to_other_roles(signed_in: SignIn, login: str, address: str) -> None:
    assert signed_in(login).see(address).status == 403


def test_a_cursor_that_no_list_gave_is_refused(signed_in: SignIn) -> None:
    assert signed_in("pharmacie").see("/comptoir/historique?suite=xx").status == 422
