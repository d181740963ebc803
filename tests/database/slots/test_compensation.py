"""Statements over a real database: the same to the cent however often, closed for good, recomputed in SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import MtAnswers
from regulation.proofs.service import read_proofs
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from slots.appointments import service as appointments
from slots.appointments.facts import Claim
from slots.compensation import service as compensation
from slots.compensation.facts import (
    Activity,
    FundingKind,
    LineKind,
    Statement,
    TermsDetails,
    VerdictStatus,
)
from slots.compensation.refusals import MonthNotOver
from snp.assignment.facts import Audience, Mode
from snp.directory import service as directory
from snp.directory.facts import PractitionerView
from snp.errors import InvalidValue, NotFound
from tests.support.agenda import CODES, local
from tests.support.directory import a_practitioner, a_territory
from tests.support.regulation import NO_MT, PHYSIO, Cpts, a_cpts, a_snp_decision

pytestmark = pytest.mark.database

DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
WITH_UNKNOWN_MT = MtAnswers(has_mt=True, called=True, available=False)


@dataclass
class Ledger:
    """A CPTS, a doctor and a physiotherapist, and shorthands to live their days."""

    session: Session
    cpts: Cpts = field(init=False)
    doctor: PractitionerView = field(init=False)
    physio: PractitionerView = field(init=False)

    def __post_init__(self) -> None:
        self.cpts = a_cpts(self.session)
        self.doctor = self.cpts.carer(title="Dr")
        self.physio = self.cpts.carer(PHYSIO)

    @property
    def territory(self) -> UUID:
        return self.cpts.territory.id

    def act(self, start: str, *, hours: float = 20, mt: MtAnswers = NO_MT, come: bool = True) -> UUID:
        """A consultation regulated so many hours before, lived."""
        at = local(start)
        decided = at - timedelta(hours=hours)
        slot = self.cpts.slot(self.doctor, at, now=decided - timedelta(hours=1))
        request = self.cpts.open(now=decided).request
        by = self.cpts.osnp
        intake.check_mt(self.session, request.id, mt, by=by, now=decided)
        intake.decide(
            self.session,
            request.id,
            a_snp_decision(delay_h=72, can_wait=True),
            by=self.cpts.regulateur,
            now=decided,
        )
        (made,) = appointments.book(
            self.session,
            [Claim(slot, request.id)],
            audience=Audience.REGULATION,
            territory_id=self.territory,
            codes=CODES,
            by=by,
            now=decided + timedelta(minutes=5),
        ).appointments
        end = appointments.honour if come else appointments.no_show
        end(self.session, made.id, by=by, now=at + timedelta(minutes=20))
        return made.id

    def free(self, start: str, *, notice_hours: float = 100, **offer: Any) -> UUID:
        """A slot of the physiotherapist that nobody takes."""
        at = local(start)
        terms = Offer(
            site_id=self.cpts.site.id,
            mode=Mode.AMB,
            audiences=frozenset({Audience.PROFESSIONALS}),
            territory_ids=offer.pop("territory_ids", frozenset({self.territory})),
            slot_minutes=30,
            **offer,
        )
        by, now = self.cpts.acting(self.physio), at - timedelta(hours=notice_hours)
        return agenda.publish_slot(self.session, self.physio.id, at, terms, by=by, now=now).slots[0].id

    def pay(self, when: datetime, territory: UUID | None = None, **details: Any) -> None:
        """Terms for the slots of physiotherapists."""
        plain: dict[str, Any] = {
            "kind": FundingKind.UNUSED_SLOT,
            "profession": PHYSIO,
            "valid_from": DECEMBER,
            "rate_cents": 2050,
        }
        compensation.add_terms(
            self.session,
            territory or self.territory,
            TermsDetails(**(plain | details)),
            by=self.cpts.coordinator,
            now=when,
        )

    def compute(self, now: datetime, territory: UUID | None = None) -> None:
        here = territory or self.territory
        for one in compensation.practitioners_due(self.session, here, now=now):
            compensation.compute_statements(self.session, here, one, proofs=read_proofs, now=now)

    def statement(self, whose: PractitionerView, month: date) -> Statement:
        (found,) = [one for one in compensation.list_statements(self.session, whose.id) if one.month == month]
        return found

    def close(self, whose: PractitionerView, month: date, now: datetime) -> Statement:
        return compensation.close_statement(
            self.session,
            self.statement(whose, month).id,
            proofs=read_proofs,
            by=self.cpts.coordinator,
            now=now,
        )

    def csv(self, whose: PractitionerView, month: date, now: datetime) -> bytes:
        ident = self.statement(whose, month).id
        return compensation.statement_csv(compensation.paper(self.session, ident, now=now))


@pytest.fixture
def ledger(session: Session) -> Ledger:
    return Ledger(session)


def a_december(ledger: Ledger, *, acts: int = 22) -> None:
    """22 acts in one week (Monday 7 to Friday 11 December), others around, and a physiotherapist's slots."""
    ledger.pay(local("2026-12-01 08:00"), cap_week=2, min_notice_hours=48)
    for number in range(acts):
        ledger.act(f"2026-12-{7 + number // 6:02d} {9 + number % 6:02d}:00")
    ledger.act("2026-12-03 10:00", hours=49)
    ledger.act("2026-12-04 10:00", come=False)
    ledger.act("2026-12-16 10:00", mt=WITH_UNKNOWN_MT)
    for day, notice in (("08", 100), ("09", 100), ("10", 100), ("15", 20)):
        ledger.free(f"2026-12-{day} 14:00", notice_hours=notice)


BY_PLAIN_SQL = """
WITH act AS (
    SELECT a.id, a.practitioner_id, a.start_at, r.mt,
           date_trunc('week', a.start_at AT TIME ZONE 'Europe/Paris') AS week,
           (SELECT m.at FROM request_move m WHERE m.request_id = a.request_id AND m.move = 'decide'
               AND m.role = 'regulateur' AND m.at <= a.created_at ORDER BY m.at DESC LIMIT 1) AS decided
    FROM appointment a JOIN request r ON r.id = a.request_id WHERE a.status = 'honoured'
), good AS (
    SELECT *, row_number() OVER (PARTITION BY practitioner_id, week ORDER BY start_at, id) AS rank
    FROM act WHERE decided >= start_at - interval '48 hours'
)
SELECT to_char(start_at AT TIME ZONE 'Europe/Paris', 'YYYY-MM') AS month, count(*) * 1500 AS cents
FROM good WHERE rank <= 20 AND mt ->> 'has_mt' = 'false' GROUP BY 1 ORDER BY 1
"""
SLOTS_BY_PLAIN_SQL = """
WITH unused AS (
    SELECT s.id, s.start_at, date_trunc('week', s.start_at AT TIME ZONE 'Europe/Paris') AS week
    FROM slot s WHERE s.profession = 'masseur_kinesitherapeute' AND s.state = 'open' AND s.end_at <= :now
      AND s.created_at <= s.start_at - interval '48 hours'
      AND NOT EXISTS (SELECT FROM appointment a WHERE a.slot_id = s.id AND a.live)
), ranked AS (SELECT *, row_number() OVER (PARTITION BY week ORDER BY start_at, id) AS rank FROM unused)
SELECT to_char(start_at AT TIME ZONE 'Europe/Paris', 'YYYY-MM') AS month, count(*) * 2050 AS cents
FROM ranked WHERE rank <= 2 GROUP BY 1 ORDER BY 1
"""


def test_a_second_implementation_in_plain_sql_finds_the_same(ledger: Ledger) -> None:
    a_december(ledger)
    now = local("2026-12-20 12:00")
    ledger.compute(now)
    doctor, physio = ledger.statement(ledger.doctor, DECEMBER), ledger.statement(ledger.physio, DECEMBER)
    assert (doctor.cpam_cents, doctor.cpts_cents) == (20 * 1500, 0)
    assert (physio.cpts_cents, physio.cpam_cents) == (2 * 2050, 0)
    acts = ledger.session.execute(sa.text(BY_PLAIN_SQL)).all()
    slots = ledger.session.execute(sa.text(SLOTS_BY_PLAIN_SQL), {"now": now}).all()
    assert [tuple(row) for row in acts] == [("2026-12", doctor.cpam_cents)]
    assert [tuple(row) for row in slots] == [("2026-12", physio.cpts_cents)]
    sums = ledger.session.execute(
        sa.text("SELECT statement_id, sum(amount_cents) FROM compensation_line GROUP BY 1")
    )
    assert {row[0]: row[1] for row in sums} == {doctor.id: 30_000, physio.id: 4_100}
    book = compensation.budget(ledger.session, ledger.territory, 2026, now=now)
    assert (book.months[11].committed_cents, book.months[11].cpam_cents) == (4_100, 30_000)
    assert book.pace_cents == 4_100
    assert book.forecast_cents == 4_100 * 12 // 90
    assert sum(month.forecast_cents for month in book.months) == book.forecast_cents
    assert book.months[11].acts == {
        VerdictStatus.HOLDS: 20,
        VerdictStatus.DOES_NOT_HOLD: 3,
        VerdictStatus.TO_CONFIRM: 1,
    }


def test_computing_again_gives_the_same_to_the_cent_and_to_the_byte(ledger: Ledger) -> None:
    a_december(ledger, acts=4)
    first, later = local("2026-12-20 12:00"), local("2026-12-21 12:00")
    ledger.compute(first)
    before = (ledger.csv(ledger.doctor, DECEMBER, first), ledger.csv(ledger.physio, DECEMBER, first))
    statement = ledger.statement(ledger.doctor, DECEMBER)
    verdicts = ledger.session.scalar(sa.text("SELECT count(*) FROM act_verdict"))
    ledger.compute(later)
    assert (ledger.csv(ledger.doctor, DECEMBER, later), ledger.csv(ledger.physio, DECEMBER, later)) == before
    assert ledger.statement(ledger.doctor, DECEMBER) == statement
    assert ledger.session.scalar(sa.text("SELECT count(*) FROM act_verdict")) == verdicts
    paper = compensation.paper(ledger.session, statement.id, now=later)
    assert compensation.statement_pdf(paper) == compensation.statement_pdf(paper)


def test_a_week_across_the_new_year_is_counted_whole(ledger: Ledger) -> None:
    for number in range(21):
        day, hour = divmod(number, 8)
        ledger.act(f"2026-12-{29 + day:02d} {9 + hour:02d}:00")
    first = ledger.act("2027-01-02 09:00")
    ledger.compute(local("2027-01-05 12:00"))
    assert ledger.statement(ledger.doctor, DECEMBER).cpam_cents == 20 * 1500
    assert ledger.statement(ledger.doctor, JANUARY).cpam_cents == 0
    (line,) = compensation.paper(
        ledger.session, ledger.statement(ledger.doctor, JANUARY).id, now=local("2027-01-05 12:00")
    ).lines
    assert line.content.event_id == first
    assert line.content.reasons[0].code == "beyond_week"


def test_a_correction_after_closing_is_a_dated_line_of_a_later_statement(ledger: Ledger) -> None:
    act = ledger.act("2026-12-08 10:00")
    other = ledger.act("2026-12-09 10:00", come=False)
    now = local("2027-01-11 09:00")
    ledger.compute(now)
    closed = ledger.close(ledger.doctor, DECEMBER, now)
    before = ledger.csv(ledger.doctor, DECEMBER, now)
    assert (closed.is_closed, closed.cpam_cents) == (True, 1500)

    noted = local("2027-01-14 18:00")
    by = ledger.cpts.acting(ledger.doctor)
    compensation.mark_act(ledger.session, act, codes=["mcg"], is_mt=None, by=by, now=noted)
    appointments.honour(ledger.session, other, by=by, now=noted)
    for later in (noted, noted + timedelta(days=3)):
        ledger.compute(later)
        assert ledger.csv(ledger.doctor, DECEMBER, later) == before
        january = ledger.statement(ledger.doctor, JANUARY)
        lines = [one.content for one in compensation.paper(ledger.session, january.id, now=later).lines]
        assert [(one.amount_cents, one.day, one.corrected_month) for one in lines] == [
            (-1500, date(2027, 1, 14), DECEMBER),
            (1500, date(2027, 1, 14), DECEMBER),
        ]
        assert {one.event_id for one in lines} == {act, other}
        assert lines[0].reasons[0].code == "correction"

    after = local("2027-02-12 09:00")
    ledger.compute(after)
    ledger.close(ledger.doctor, JANUARY, after)
    compensation.mark_act(ledger.session, act, codes=[], is_mt=None, by=by, now=after)
    ledger.compute(after)
    february = ledger.statement(ledger.doctor, FEBRUARY)
    (again,) = compensation.paper(ledger.session, february.id, now=after).lines
    assert (again.content.amount_cents, again.content.event_id, again.content.corrected_month) == (
        1500,
        act,
        DECEMBER,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE compensation_statement SET cpts_cents = 1",
        "DELETE FROM compensation_line",
        "UPDATE compensation_line SET amount_cents = 1",
        "UPDATE act_verdict SET amount_cents = 1",
        "DELETE FROM funding_terms",
    ],
)
def test_the_database_itself_keeps_what_is_closed_or_decided(ledger: Ledger, statement: str) -> None:
    ledger.pay(local("2026-12-01 08:00"))
    ledger.act("2026-12-08 10:00")
    now = local("2027-01-11 09:00")
    ledger.compute(now)
    ledger.close(ledger.doctor, DECEMBER, now)
    with pytest.raises(sa.exc.DBAPIError, match=r"closed|append-only"), ledger.session.begin_nested():
        ledger.session.execute(sa.text(statement))


def test_a_month_is_closed_once_it_is_over(ledger: Ledger) -> None:
    ledger.act("2026-12-31 10:00")
    ledger.compute(local("2026-12-31 12:00"))
    with pytest.raises(MonthNotOver):
        ledger.close(ledger.doctor, DECEMBER, local("2026-12-31 23:59"))
    first = ledger.close(ledger.doctor, DECEMBER, local("2027-01-01 00:00"))
    assert ledger.close(ledger.doctor, DECEMBER, local("2027-01-20 00:00")) == first


def test_terms_of_an_earlier_day_change_drafts_and_correct_closed_months(ledger: Ledger) -> None:
    ledger.free("2026-12-08 14:00")
    ledger.free("2027-01-05 14:00")
    ledger.pay(local("2026-12-01 08:00"))
    now = local("2027-01-12 09:00")
    ledger.compute(now)
    ledger.close(ledger.physio, DECEMBER, now)
    ledger.pay(now, rate_cents=2550)
    ledger.compute(now)
    assert ledger.statement(ledger.physio, DECEMBER).cpts_cents == 2050
    assert ledger.statement(ledger.physio, JANUARY).cpts_cents == 2550 + 500


def test_a_slot_offered_to_two_cpts_is_funded_once(ledger: Ledger) -> None:
    away = a_territory(ledger.session, "terres-de-montaigu", department="85", communes=("85146",)).id
    directory.join_territory(
        ledger.session,
        ledger.physio.id,
        away,
        since=date(2026, 12, 1),
        by=ledger.cpts.coordinator,
        now=local("2026-12-01 08:00"),
    )
    shared = ledger.free("2026-12-08 14:00", territory_ids=frozenset({ledger.territory, away}))
    ledger.pay(local("2026-12-01 08:00"))
    ledger.pay(local("2026-12-01 08:00"), away)
    now = local("2026-12-10 09:00")
    for _ in range(2):
        ledger.compute(now, away)
        ledger.compute(now)
    lines = ledger.session.execute(
        sa.text(
            "SELECT s.territory_id, l.amount_cents FROM compensation_line l "
            "JOIN compensation_statement s ON s.id = l.statement_id WHERE l.slot_id = :slot"
        ),
        {"slot": shared},
    ).all()
    assert [tuple(row) for row in lines] == [(ledger.territory, 2050)]


def test_every_amount_leads_to_its_events(ledger: Ledger) -> None:
    ledger.pay(local("2026-12-01 08:00"))
    act = ledger.act("2026-12-08 10:00")
    slot = ledger.free("2026-12-08 14:00")
    now = local("2026-12-20 12:00")
    ledger.compute(now)
    lines, count = compensation.month_lines(ledger.session, ledger.territory, DECEMBER)
    assert count == 2
    assert {one.content.event_id for one in lines} == {act, slot}
    events = {
        one.content.kind: [(e.what, e.code) for e in compensation.events_behind(ledger.session, one.content)]
        for one in lines
    }
    assert events[LineKind.MAJORATION] == [
        ("request", "decide"),
        ("appointment", "booked"),
        ("appointment", "honoured"),
    ]
    assert events[LineKind.UNUSED_SLOT] == [("slot", "published")]
    (proof,) = compensation.verdicts_of(ledger.session, DECEMBER, territory_id=ledger.territory)
    assert proof.decided_by == ledger.cpts.regulateur.ident
    assert (proof.status, proof.decided_role, proof.rank) == (VerdictStatus.HOLDS, "regulateur", 1)


def test_an_act_that_was_none_after_all_is_no_proof_any_more(ledger: Ledger) -> None:
    act = ledger.act("2026-12-08 10:00")
    now = local("2026-12-20 12:00")
    ledger.compute(now)
    appointments.no_show(ledger.session, act, by=ledger.cpts.osnp, now=now)
    ledger.compute(now)
    (proof,) = compensation.verdicts_of(ledger.session, DECEMBER, practitioner_id=ledger.doctor.id)
    assert (proof.status, proof.amount_cents) == (VerdictStatus.DOES_NOT_HOLD, 0)
    assert [reason.code for reason in proof.reasons] == ["not_honoured"]
    assert ledger.statement(ledger.doctor, DECEMBER).cpam_cents == 0


def test_coordination_is_declared_paid_and_taken_back(ledger: Ledger) -> None:
    ledger.pay(
        local("2026-12-01 08:00"),
        kind=FundingKind.COORDINATION,
        profession=None,
        rate_cents=6000,
        cap_month=1,
    )
    by, now = ledger.cpts.acting(ledger.doctor), local("2026-12-20 12:00")
    declared = compensation.declare_time(
        ledger.session,
        ledger.doctor.id,
        ledger.territory,
        day=date(2026, 12, 18),
        minutes=90,
        activity=Activity.MEETING,
        by=by,
        now=now,
    )
    ledger.compute(now)
    assert ledger.statement(ledger.doctor, DECEMBER).cpts_cents == 6000
    compensation.withdraw_time(ledger.session, declared.id, now=now)
    ledger.compute(now)
    assert ledger.statement(ledger.doctor, DECEMBER).cpts_cents == 0


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"profession": None}, "profession"),
        ({"rate_cents": 100_001}, "rate_cents"),
        ({"valid_from": date(2020, 1, 1)}, "valid_from"),
        ({"valid_until": DECEMBER}, "valid_until"),
        ({"cap_week": -1}, "cap_week"),
        ({"min_notice_hours": 721}, "min_notice_hours"),
    ],
)
def test_terms_that_make_no_sense_are_refused(ledger: Ledger, changes: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        ledger.pay(local("2026-12-01 08:00"), **changes)
    assert refusal.value.fields["field"] == name


def test_what_does_not_exist_or_was_not_lived_is_refused(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        compensation.get_statement(ledger.session, ledger.territory)
    stranger = a_practitioner(ledger.session, site_ids=(), member_of=())
    with pytest.raises(InvalidValue):
        compensation.declare_time(
            ledger.session,
            stranger.id,
            ledger.territory,
            day=date(2026, 12, 18),
            minutes=90,
            activity=Activity.MEETING,
            by=ledger.cpts.coordinator,
            now=local("2026-12-20 12:00"),
        )
