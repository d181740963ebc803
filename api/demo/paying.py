"""What the demonstration pays: a physiotherapist's slots kept free, coordination; statements of who worked.

Retz funds, Montaigu does not: a visitor meets both. What he decided himself stays.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from api.demo.cast import RETZ
from api.demo.facts import PHYSIO, Stage
from api.demo.stage import DEMO
from regulation.proofs.service import read_proofs
from slots.compensation import service as compensation
from slots.compensation.facts import Activity, FundingKind, TermsDetails
from snp.days import local_day

ENVELOPE_CENTS: Final = 1_200_000
SLOT_CENTS: Final = 2_000
HOUR_CENTS: Final = 6_000
_DOCTOR: Final = "carer-301"
_MEETING_MINUTES: Final = 90


def pay(session: Session, stage: Stage, *, now: datetime) -> None:
    """Set the terms of Retz once, then bring every statement up to date."""
    _set_terms(session, stage, now=now)
    for territory_id in stage.territories.values():
        for one in compensation.practitioners_due(session, territory_id, now=now):
            compensation.compute_statements(session, territory_id, one, proofs=read_proofs, now=now)


def _set_terms(session: Session, stage: Stage, *, now: datetime) -> None:
    retz, today = stage.territories[RETZ], local_day(now)
    if compensation.list_terms(session, retz):
        return
    new_year = date(today.year, 1, 1)
    slots = TermsDetails(
        kind=FundingKind.UNUSED_SLOT,
        profession=PHYSIO,
        valid_from=new_year,
        rate_cents=SLOT_CENTS,
        cap_week=2,
        cap_year=80,
        min_notice_hours=48,
    )
    hours = TermsDetails(
        kind=FundingKind.COORDINATION, valid_from=new_year, rate_cents=HOUR_CENTS, cap_month=10
    )
    for details in (slots, hours):
        compensation.add_terms(session, retz, details, by=DEMO, now=now)
    compensation.set_year(
        session, retz, today.year, envelope_cents=ENVELOPE_CENTS, close_after_days=10, by=DEMO, now=now
    )
    compensation.declare_time(
        session,
        stage.carers[_DOCTOR],
        retz,
        day=today - timedelta(days=3),
        minutes=_MEETING_MINUTES,
        activity=Activity.MEETING,
        by=DEMO,
        now=now,
    )
