"""Mes relevés and Indemnisation without a script: what each sees, says and sets, and what nobody sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from snp.directory import service as directory
from tests.support.agenda import local
from tests.support.compensation import UNKNOWN_MT, a_free_slot, a_lived_act, compute, terms_for_physio
from tests.support.pages import Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
NOW = local("2026-12-20 12:00")
COORDINATION = "/coordination/indemnisation"


@pytest.fixture(autouse=True)
def in_december(service: Service, opened: set[str]) -> None:
    """Acts of Dr Guillou and a free slot of the physiotherapist, lived once for this module."""
    service.clock.instant = NOW
    if "december" in opened:
        return
    opened.add("december")
    with service.wiring.transaction() as session:
        keys, town = service.wiring.keys, service.town
        doctor = directory.get_practitioner(session, town.doctors[0], now=NOW)
        here: dict[str, Any] = {"territory": town.territory, "site": doctor.site_ids[0]}
        terms_for_physio(session, town.territory, now=local("2026-12-01 08:00"))
        for day, mt in (("09", {}), ("10", {"mt": UNKNOWN_MT})):
            start = local(f"2026-12-{day} 10:00")
            a_lived_act(session, keys, practitioner=doctor.id, start=start, **here, **mt)
        start = local("2026-12-11 10:00")
        a_free_slot(session, practitioner=doctor.id, start=start, now=start - timedelta(days=5), **here)
        compute(session, town.territory, now=NOW)


def opening(page: Page, pattern: str) -> str:
    """The address of the first link that matches."""
    found = re.search(pattern, page.html)
    assert found is not None, page.text
    return found[0]


def test_a_practitioner_goes_from_a_month_to_what_happened(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    page = visitor.see("/agenda/releves")
    assert "1 acte attend un mot de vous" in page.text
    assert "Forfait SAS 2026 : 1 000,00 €" in page.text
    statement = visitor.see(opening(page, r"/agenda/releves/[0-9a-f-]{36}(?=\")"))
    assert "Assurance maladie : 15,00 €" in statement.text
    line = visitor.see(opening(statement, r"/agenda/releves/lignes/[0-9a-f-]{36}"))
    assert "Décision du médecin régulateur" in line.text
    assert "Patient venu" in line.text
    assert "NGAP art. 14.1.3" in line.text
    for kind, start in (("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbfmois")):
        address = opening(page, rf"/agenda/releves/[0-9a-f-]{{36}}/{kind}")
        assert visitor._client.get(address).content.startswith(start)


def test_a_word_on_the_medecin_traitant_settles_an_act(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    page = visitor.see("/agenda/releves/actes?mois=2026-12")
    form = next(form for form in page.forms if "mt" in form.choices and "/actes/" in form.action)
    waiting = next(
        form
        for form in page.forms
        if "/actes/" in form.action and form.action in page.html.split("À confirmer")[-1]
    )
    page = visitor.send(waiting, mt="non")
    assert "le relevé du mois est à jour" in page.text
    assert "Majorations dues 2" in page.text
    page = visitor.send(page.form(waiting.action), mt="non", code_MCG="oui")
    assert "MCG a été facturé avec cet acte" in page.text
    assert "Non dues 1" in page.text
    assert form.choices["mt"] == ["non", "oui"]
    proofs = visitor._client.get("/agenda/releves/actes/preuves?mois=2026-12").text
    assert proofs.count("médecin régulateur") >= 2


def test_a_coordinator_sets_rules_and_an_envelope(signed_in: SignIn) -> None:
    visitor = signed_in("coordination")
    page = visitor.see(f"{COORDINATION}/reglages")
    assert "Majoration SNP : 15,00 €" in page.text
    page = visitor.send(
        page.form("/reglages" + _here(page)), tarif="20,505", du="31/02/2026", par_semaine="x"
    )
    for words in (
        "Indiquez un montant en euros",
        "Ce jour n’existe pas",
        "Indiquez un nombre entier, ou rien",
    ):
        assert words in page.text
    page = visitor.send(
        page.form("/reglages" + _here(page)),
        tarif="20,50",
        du="01/12/2026",
        par_semaine="2",
        avance="48",
        rendus="oui",
    )
    assert "La règle est enregistrée" in page.text
    assert "20,50 € le créneau" in page.text
    assert "2 par semaine au plus, publiés 48 h avant, rendus compris" in page.text
    form = page.form("/reglages" + _here(page))
    page = visitor.send(form, quoi="coordination", tarif="60", du="01/12/2026", au="")
    assert "60,00 € l’heure" in page.text
    page = visitor.send(page.form("/annee" + _here(page)), enveloppe="12 000", cloture="0")
    assert "De 1 à 90" in page.text
    page = visitor.send(page.form("/annee" + _here(page)), enveloppe="12 000", cloture="10")
    assert "L’enveloppe et la clôture sont enregistrées" in page.text
    assert "Enveloppe 12 000,00 €" in visitor.see(COORDINATION).text


def test_a_practitioner_declares_coordination_time(signed_in: SignIn) -> None:
    test_a_coordinator_sets_rules_and_an_envelope(signed_in)
    visitor = signed_in("guillou")
    page = visitor.see("/agenda/releves")
    page = visitor.send(page.form("/temps"), jour="24/13/2026", minutes="beaucoup")
    assert "Ce jour n’existe pas" in page.text
    assert "Indiquez une durée en minutes" in page.text
    page = visitor.send(page.form("/temps"), jour="21/12/2026", minutes="90")
    assert "Un jour passé" in page.text
    page = visitor.send(page.form("/temps"), jour="18/12/2026", minutes="90")
    assert "Votre temps est déclaré" in page.text
    assert "90,00 €" in page.text
    withdrawal = next(form for form in page.forms if form.action.endswith("/retirer"))
    page = visitor.send(withdrawal)
    assert "La déclaration est retirée" in page.text


def test_a_coordinator_sees_totals_and_lines_that_name_nobody(signed_in: SignIn) -> None:
    visitor = signed_in("coordination")
    budget = visitor.see(f"{COORDINATION}?annee=2026")
    assert "Décembre 2026" in budget.text
    month = visitor.see(f"{COORDINATION}/mois?mois=2026-12")
    assert "Dr Anne Guillou" in month.text
    assert "Clore les relevés" not in month.text
    line = visitor.see(opening(month, r"/coordination/indemnisation/lignes/[^\"]+"))
    assert line.status == 200
    assert "Guillou" not in line.text
    assert "par un compte" not in line.text
    proofs = visitor._client.get(f"{COORDINATION}/preuves?mois=2026-12").text
    assert "médecin régulateur" in proofs
    assert "Guillou" not in proofs
    assert "Aucun relevé pour ce mois" in visitor.see(f"{COORDINATION}/mois?mois=2024-02").text
    for address in ("", "/mois?mois=2026-12", "/reglages"):
        assert "Camille" not in visitor.see(f"{COORDINATION}{address}").html


def test_a_month_that_is_over_is_closed_for_good(signed_in: SignIn, service: Service) -> None:
    service.clock.instant = local("2027-01-04 09:00")
    visitor = signed_in("coordination")
    page = visitor.see(f"{COORDINATION}/mois?mois=2026-12")
    page = visitor.send(next(form for form in page.forms if "/clore" in form.action))
    assert "Les relevés du mois sont clos" in page.text
    assert "provisoire" not in page.text
    own = signed_in("guillou").see("/agenda/releves")
    assert "clos le 04/01/2027" in own.text


def test_another_s_statement_is_not_found_and_a_coordinator_has_none(signed_in: SignIn) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    visitor = signed_in("guillou")
    for address in (nobody, f"lignes/{nobody}", f"{nobody}/pdf"):
        assert visitor.see(f"/agenda/releves/{address}").status == 404
    assert signed_in("coordination").see("/agenda/releves").status == 403
    assert signed_in("guillou").see(COORDINATION).status == 403


def _here(page: Page) -> str:
    """The end of the addresses of this territory's forms."""
    return opening(page, r"\?territoire=[0-9a-f-]{36}")
