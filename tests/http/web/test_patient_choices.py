"""Behind the link of an appointment: reminders and rights; and the delegate's list of what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from api.jobs.letters import writer_of
from regulation.messages.composing import PATIENT_PAGE
from regulation.messages.facts import Letter
from snp.notifications import service as outbox
from snp.platform.actors import Role
from snp.platform.secret_links import secret_text
from tests.http.web.test_desk import ticket
from tests.http.web.test_patient_page import TICKET
from tests.support.pages import PASSWORD, TUESDAY, Page, Service, Visitor, open_account

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
NAMES = iter(("Perrin", "Barbier", "Renard", "Gaillard", "Leclerc"))


@pytest.fixture
def link(signed_in: SignIn, service: Service) -> str:
    """The address behind a fresh appointment, where nothing else was asked and a delegate is told."""
    service.clock.instant = TUESDAY
    page = ticket(signed_in("pharmacie"), next(NAMES))
    found = TICKET.search(page.path)
    assert found is not None
    with service.wiring.transaction() as session:
        session.execute(sa.text("DELETE FROM right_asked"))
        session.execute(sa.text("DELETE FROM outbox_message"))
        told = "jsonb_set(settings::jsonb, '{protection_emails}', '[\"dpo@exemple.fr\"]')"
        session.execute(sa.text(f"UPDATE territory SET settings = {told}"))
    return f"/rdv/{secret_text(PATIENT_PAGE, UUID(found[1]), service.wiring.keys.hasher())}"


@pytest.fixture
def delegate(service: Service, opened: set[str]) -> Iterator[Visitor]:
    if "dpo" not in opened:
        open_account(service, "dpo", Role.DPO)
        opened.add("dpo")
    visitor = Visitor(service)
    visitor.sign_in("dpo", PASSWORD)
    yield visitor
    visitor.close()


def letters(service: Service) -> list[Letter]:
    write, now, found = writer_of(service.wiring), service.clock.now(), []
    with service.wiring.transaction() as session:
        while message := outbox.claim(session, {"email"}, now=now):
            letter = write(session, message, now)
            assert isinstance(letter, Letter)
            found.append(letter)
    return found


def asks(visitor: Visitor, link: str, right: str) -> Page:
    form = visitor.see(f"{link}/choix").form("/droits")
    return visitor.send(form, droit=right) if right else visitor.send(form)


def test_the_page_says_what_is_kept_in_general_and_no_identity(visitor: Visitor, link: str) -> None:
    assert "Vos rappels et vos données" in visitor.see(link).text

    page = visitor.see(f"{link}/choix")

    assert "Mardi 24 novembre 2026 à" in page.text
    assert "5 ans" in page.text
    assert "Jeanne" not in page.html
    assert page.headers["cache-control"] == "no-store"
    assert visitor.see("/rdv/x/choix").status == 404


def test_reminders_are_chosen_and_the_address_is_not_shown_again(visitor: Visitor, link: str) -> None:
    form = visitor.see(f"{link}/choix").form("/rappels")
    wrong = visitor.send(form, rappels="email", courriel="jeanne")
    assert wrong.status == 422
    assert "Écrivez une adresse électronique" in wrong.text
    assert dict(wrong.form("/rappels").fields)["courriel"] == "jeanne"

    page = visitor.send(form, rappels="email", courriel="jeanne@exemple.fr")

    assert "C’est noté, pour les prochains rappels" in page.text
    assert "Une adresse est déjà notée" in page.text
    assert "jeanne@exemple.fr" not in page.html
    assert dict(page.form("/rappels").fields)["rappels"] == "email"


def test_a_right_is_asked_once_told_to_the_delegate_and_answered(
    visitor: Visitor, link: str, service: Service, delegate: Visitor
) -> None:
    assert asks(visitor, link, "").status == 422

    for _ in range(2):
        page = asks(visitor, link, "erase")
        assert "Votre demande est transmise" in page.text
        assert "Effacer l’identité : demandé mardi 24 novembre" in page.text
        assert "réponse avant le jeudi 24 décembre" in page.text

    (letter,) = letters(service)
    assert letter.to == "dpo@exemple.fr"
    assert "/protection/demandes" in letter.text
    listed = delegate.see("/protection/demandes")
    number = listed.html.partition("dossier=")[2].partition('"')[0]
    assert number not in letter.text + letter.subject
    assert "Effacer l’identité (art. 17) à faire" in listed.text
    assert f'value="{number}"' in delegate.see(f"/protection/personne?dossier={number}").html
    service.clock.advance(timedelta(days=31))
    delegate.sign_in("dpo")
    late = delegate.see("/protection/demandes")
    assert "en retard" in late.text
    done = delegate.send(late.form("/repondue"))
    assert "la demande est répondue" in done.text
    assert "répondue le 25/12/2026" in done.text
    assert "répondu vendredi 25 décembre" in visitor.see(f"{link}/choix").text
    journal = delegate.see(f"/protection?dossier={number}").text
    assert "demande du patient : effacement" in journal
    assert "demande d’un patient : répondue" in journal
