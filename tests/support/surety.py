"""Promises and the slots that stand surety for them, to be seen from Tuesday 24 November 2026, 10:00."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from snp.assignment.facts import Audience, Mode, Priority, Request, Slot
from snp.assignment.surety import Pledge, Surety

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=PARIS)


def a_surety(ident: str, hours: float, *, until: datetime | None = None) -> Surety:
    start = NOW + timedelta(hours=hours)
    return Surety(
        Slot(
            id=ident,
            practitioner="p",
            profession="gp",
            mode=Mode.AMB,
            start=start,
            end=start + timedelta(minutes=15),
            lat=47.1,
            lon=-2.1,
            audiences=frozenset(Audience),
        ),
        until,
    )


def a_pledge(ident: str, hours: float, *, notice: int = 60) -> Pledge:
    return Pledge(
        Request(
            id=ident,
            priority=Priority.P2,
            professions=frozenset({"gp"}),
            modes=frozenset({Mode.AMB}),
            earliest=NOW,
            deadline=NOW + timedelta(hours=hours),
            lat=47.1,
            lon=-2.1,
            audience=Audience.REGULATION,
        ),
        notice,
    )
