"""The patient's page: his code opens and cancels, guesses are counted, no identity is shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.http.web.test_desk import ticket
from tests.support.pages import Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
CODE = re.compile(r'class="code">([^<]+)<')


NAMES = iter(("Chevalier", "Masson", "Marchand", "Dufour"))


@pytest.fixture
def code(signed_in: SignIn) -> str:
    found = CODE.search(ticket(signed_in("pharmacie"), next(NAMES)).html)
    assert found is not None
    return found[1]


def test_the_code_opens_the_appointment_without_a_name(visitor: Visitor, code: str) -> None:
    page = visitor.send(visitor.see("/rendez-vous").form("/rendez-vous"), code=code.lower())
    assert "Dr Anne Guillou" in page.text
    assert "Mardi 24 novembre 2026 à" in page.text
    assert "Jeanne" not in page.html
    assert code not in page.path


def test_the_patient_cancels_and_the_code_says_so(visitor: Visitor, code: str) -> None:
    form = visitor.see("/rendez-vous").form("/rendez-vous")
    page = visitor.send(visitor.send(form, code=code).form("/annuler"))
    assert "Le rendez-vous est annulé" in page.text
    assert "Ce rendez-vous n’est plus valable" in visitor.send(form, code=code).text


def test_cancelling_twice_is_no_fault(visitor: Visitor, code: str) -> None:
    form = visitor.see("/rendez-vous").form("/rendez-vous")
    cancel = visitor.send(form, code=code).form("/annuler")
    assert visitor.send(cancel).status == visitor.send(cancel).status == 200


def test_a_wrong_code_is_told_beside_the_field(visitor: Visitor) -> None:
    page = visitor.send(visitor.see("/rendez-vous").form("/rendez-vous"), code="AAAAA-AAAAA")
    assert page.status == 422
    assert "Aucun rendez-vous ne correspond à ce code" in page.text


def test_guessing_is_stopped(visitor: Visitor) -> None:
    form = visitor.see("/rendez-vous").form("/rendez-vous")
    pages = [visitor.send(form, code=f"AAAAA-AAA{number:02}") for number in range(25)]
    assert pages[-1].status == 429
    assert "Trop d’essais" in pages[-1].text
