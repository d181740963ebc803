"""The pages of rotas without a script: from an empty tab to turns that are held, exchanged and explained."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from api.jobs.rotas import keep_rotas, solve_rotas
from slots.rota import service as rotas
from snp.directory import service as directory
from tests.support.directory import a_practitioner
from tests.support.pages import TUESDAY, Form, Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def in_the_morning(service: Service) -> None:
    service.clock.instant = TUESDAY


@pytest.fixture
def colleague(service: Service) -> str:
    """A second doctor at the Maison de santé du Port."""
    with service.wiring.transaction() as session:
        guillou = directory.get_practitioner(session, service.town.doctors[0], now=TUESDAY)
        made = a_practitioner(
            session,
            site_ids=guillou.site_ids,
            member_of=(service.town.territory,),
            title="Dr",
            given_name="Maud",
            family_name="Tanguy",
        )
    return str(made.id)


def a_rota(coordination: Visitor, service: Service, colleague: str) -> Page:
    """The page of a rota of two doctors whose plan waits for a word."""
    new = coordination.see("/coordination/roulement/nouveau")
    site = next(value for value, label in options(new, "lieu") if label == "Maison de santé du Port")
    page = coordination.send(to(new, "/coordination/roulement"), nom_roulement="MSP du Port", lieu=site)
    assert "La semaine : Maison de santé du Port" in page.text
    for who in (str(service.town.doctors[0]), colleague):
        page = coordination.send(to(page, "/participants"), praticien=who, quotite="100")
    assert "Dr Maud Tanguy</strong>, 100 %" in page.html
    board = coordination.see("/coordination/roulement")
    waiting = coordination.send(to(board, "/projets"), premier_jour="30/11/2026", semaines="4")
    assert "Calcul en cours" in waiting.text
    assert waiting.status == 200
    assert solve_rotas(service.wiring) == 1
    return coordination.see(waiting.path)


def to(page: Page, part: str) -> Form:
    """The first form whose address holds a part."""
    return next(form for form in page.forms if part in form.action)


def options(page: Page, name: str) -> list[tuple[str, str]]:
    """The options of a select."""
    select = page.html.split(f'name="{name}"', 1)[1].split("</select>", 1)[0]
    return re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', select)


def test_a_rota_is_built_confirmed_exchanged_and_explained(
    signed_in: SignIn, service: Service, colleague: str
) -> None:
    coordination, guillou = signed_in("coordination"), signed_in("guillou")
    assert "Aucun roulement" in coordination.see("/coordination/roulement").text
    assert "Vous ne prenez part à aucun roulement" in guillou.see("/agenda/gardes").text
    plan = a_rota(coordination, service, colleague)
    assert "la preuve est faite" in plan.text
    board = coordination.send(to(plan, "/confirmer"))
    assert "Le roulement est en vigueur" in board.text
    assert "Gardes à pourvoir" in board.text  # two doctors, three half-days a week each: ten are asked for
    table = coordination.see(board.path.split("?")[0] + "/tableau")
    assert "Semaine du lundi 30 novembre" in table.text
    mine = guillou.see("/agenda/gardes")
    assert "créneaux publiés le" in mine.text
    assert "tient au plus 3 gardes par semaine" in mine.text
    wishes = guillou.send(to(mine, "/souhaits/"), souhait_1_morning="never")
    assert "Vos souhaits sont notés" in wishes.text
    turn = mine.html.split('href="/agenda/gardes/')[1][:36]
    why = guillou.see(f"/agenda/gardes/{turn}")
    assert "Pourquoi moi ?" in why.text
    assert "Dr Maud Tanguy" in why.text
    refused = guillou.send(to(why, "/proposer"), contre=colleague)
    assert "Ce changement n’est pas possible" in refused.text or "C’est proposé" in refused.text
    assert keep_rotas(service.wiring) == 0


def test_a_colleague_s_turn_cannot_be_seen_nor_given(signed_in: SignIn, service: Service) -> None:
    guillou = signed_in("guillou")
    with service.wiring.transaction() as session:
        found = rotas.list_rotas(session).items[0]
        shifts = rotas.list_shifts(session, found.id, TUESDAY, TUESDAY.replace(month=12))
        theirs = next(
            turn.id
            for shift in shifts
            for turn in shift.turns
            if turn.practitioner_id != service.town.doctors[0]
        )
    assert guillou.see(f"/agenda/gardes/{theirs}").status == 404
    assert guillou.see("/coordination/roulement").status == 403
