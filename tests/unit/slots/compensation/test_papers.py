"""Statements on paper: corrections, money in French, the same bytes twice, and a PDF that reads back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from slots.compensation import stating
from slots.compensation.exporting import proofs_csv, statement_csv
from slots.compensation.facts import (
    DraftLine,
    Line,
    LineKind,
    Reason,
    Statement,
    StatementPaper,
    StoredVerdict,
    VerdictStatus,
)
from slots.compensation.printing import statement_pdf
from slots.compensation.wording import plain_euros, say_euros, say_month

MONTH = date(2026, 11, 1)
AT = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
WHY = Reason("kept_free", "Créneau publié et non pris : 20,00\u00a0€.", "Réglage de la CPTS")


def ident(number: int) -> UUID:
    return UUID(int=number)


def a_line(number: int, cents: int, kind: LineKind = LineKind.UNUSED_SLOT, **changes: Any) -> DraftLine:
    plain = DraftLine(kind, ident(number), date(2026, 11, 24), AT, 1, cents, cents, (WHY,))
    return replace(plain, **changes)


def a_paper(count: int = 2) -> StatementPaper:
    contents = [a_line(number, 2000) for number in range(1, count + 1)]
    act = a_line(90, 1500, LineKind.MAJORATION, status=VerdictStatus.HOLDS, request_number="2026-000123")
    contents.append(act)
    statement = Statement(ident(1), ident(2), ident(3), MONTH, 2000 * count, 1500, AT, None, None)
    lines = tuple(Line(ident(100 + n), statement.id, n, one) for n, one in enumerate(contents, 1))
    return StatementPaper(statement, lines, "Mme Maël Riou", "10900000011", "CPTS Pays de Retz")


def test_the_same_facts_are_the_same_bytes() -> None:
    assert statement_csv(a_paper()) == statement_csv(a_paper())
    assert statement_pdf(a_paper()) == statement_pdf(a_paper())


def test_the_csv_is_read_by_french_spreadsheets() -> None:
    text = statement_csv(a_paper()).decode("utf-8-sig")
    head, first, *_, cpts, cpam = text.split("\r\n")[:-1]
    assert head.startswith("mois;ligne;date;heure;nature;evenement;dossier")
    assert first.startswith(
        f"2026-11;1;2026-11-24;10:15;Disponibilité non utilisée;{ident(1)};;1;20,00;20,00;2000;CPTS"
    )
    assert "Total CPTS;;;;;40,00;4000" in cpts
    assert "Total Assurance maladie;;;;;15,00;1500" in cpam
    assert {line.count(";") for line in text.split("\r\n")[:-1]} == {15}


@pytest.mark.parametrize("count", [0, 2, 70])
def test_the_pdf_reads_back(count: int) -> None:
    pages = PdfReader(io.BytesIO(statement_pdf(a_paper(count)))).pages
    text = "\n".join(page.extract_text() for page in pages).replace("\u00a0", " ")
    assert len(pages) > 1 if count > 50 else len(pages) == 1
    for words in (
        "Relevé de novembre 2026",
        "Mme Maël Riou · 10900000011",
        "Provisoire",
        "dossier 2026-000123",
    ):
        assert words in text
    assert "Total Assurance maladie" in text
    assert "15,00 €" in text
    assert say_euros(2000 * count).replace("\u00a0", " ") in text or count == 0


@pytest.mark.parametrize(
    ("cents", "said", "plain"),
    [
        (1500, "15,00\u00a0€", "15,00"),
        (5, "0,05\u00a0€", "0,05"),
        (-1500, "−15,00\u00a0€", "-15,00"),
        (123456789, "1\u00a0234\u00a0567,89\u00a0€", "1234567,89"),
    ],
)
def test_money_is_written_as_french_readers_do(cents: int, said: str, plain: str) -> None:
    assert (say_euros(cents), plain_euros(cents)) == (said, plain)


def test_a_month_is_said_in_words() -> None:
    assert say_month(MONTH) == "novembre 2026"


def test_a_proof_names_no_patient_and_the_doctor_only_in_his_own() -> None:
    verdict = StoredVerdict(
        appointment_id=ident(1),
        practitioner_id=ident(2),
        territory_id=ident(3),
        request_number="2026-000123",
        seen_at=AT,
        decided_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        decided_by="account:regulateur",
        decided_role="regulateur",
        week=date(2026, 11, 23),
        rank=3,
        billed=(),
        status=VerdictStatus.HOLDS,
        amount_cents=1500,
        reasons=(WHY,),
    )
    shared = proofs_csv([verdict]).decode("utf-8-sig").splitlines()
    own = proofs_csv([verdict], practitioner="10900000011").decode("utf-8-sig").splitlines()
    assert shared[1].startswith("2026-000123;2026-11-24;10:15;2026-11-23;10:00;médecin régulateur;")
    assert ";account:regulateur;1455;2026-11-23;3;;Due;15,00;1500;" in shared[1]
    assert own[0].startswith("rpps;dossier")
    assert own[1].startswith("10900000011;2026-000123")
    assert "10900000011" not in "".join(shared)
    hostile = replace(verdict, request_number="=1+1", decided_by="@SUM(A1)")
    assert proofs_csv([hostile]).decode("utf-8-sig").splitlines()[1].startswith("'=1+1;")
    assert ";'@SUM(A1);" in proofs_csv([hostile]).decode("utf-8-sig")


amounts = st.dictionaries(st.integers(1, 6), st.integers(0, 5000), max_size=6)


@given(before=amounts, after=amounts, again=amounts)
def test_what_is_stated_and_its_corrections_are_what_is_found(
    before: dict[int, int], after: dict[int, int], again: dict[int, int]
) -> None:
    """Whatever changes after closing, the sum of all lines of an event is what it is worth now."""
    stated = [a_line(n, cents) for n, cents in before.items()]
    for now in (after, again):
        found = [a_line(n, cents) for n, cents in now.items()]
        noted = {MONTH: date(2026, 12, 3)}
        lines = stating.corrections({MONTH: stated}, {MONTH: found}, noted)
        assert all(one.corrected_month == MONTH and one.day == date(2026, 12, 3) for one in lines)
        stated = [*stated, *lines]
        assert stating.corrections({MONTH: stated}, {MONTH: found}, noted) == []
        worth = {
            event: sum(one.amount_cents for one in stated if one.event_id == event)
            for event in {o.event_id for o in stated}
        }
        assert {k: v for k, v in worth.items() if v} == {ident(n): cents for n, cents in now.items() if cents}
    assert stating.totals(stated) == (sum(again.values()), 0)
