"""Small live days: tiny regions whose every trait a test can turn on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from snp.assignment.facts import Audience, Mode, Priority, Request, Slot
from snp.assignment.stream import Event, Header, RequestArrived, SlotPublished, Stream
from snp.simulation.region import LAB, RegionParameters

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 16, tzinfo=PARIS)

TINY = replace(
    LAB, slots=60, practitioners=6, communes=5, side_km=20.0, days=2, history_days=3, withdrawn_share=0.1,
    cancelled_share=0.1, notice_min=60, waiting_list_share=0.7, load=1.2, late_share=0.5,
)  # fmt: skip


def tiny(**changes: Any) -> RegionParameters:
    """Two days of a small region with every kind of event."""
    return replace(TINY, **changes)


def at(hours: float, day: int = 0) -> datetime:
    """An instant of Monday 16 November 2026, or of a day after."""
    return MONDAY + timedelta(days=day, hours=hours)


def a_live_slot(ident: str, starts: datetime, **changes: Any) -> Slot:
    """A quarter of an hour with a GP at Pornic."""
    plain: dict[str, Any] = {
        "id": ident, "practitioner": "p1", "profession": "medecin_generaliste", "mode": Mode.AMB, "start":
        starts, "end": starts + timedelta(minutes=15), "lat": 47.1158, "lon": -2.1033,
        "audiences": frozenset({Audience.REGULATION}),
    }  # fmt: skip
    return Slot(**{**plain, **changes})


def a_call(ident: str, when: datetime, *, within_h: float = 24.0, **changes: Any) -> RequestArrived:
    """A caller of Pornic.

    `answer_by`, `waiting_list` and `notice_min` go to the arrival, the rest to the request.
    """
    live = {key: changes.pop(key) for key in ("answer_by", "waiting_list", "notice_min") if key in changes}
    plain: dict[str, Any] = {
        "id": ident, "priority": Priority.P2, "professions": frozenset({"medecin_generaliste"}),
        "modes": frozenset({Mode.AMB}), "earliest": when, "deadline": when + timedelta(hours=within_h),
        "lat": 47.12, "lon": -2.1, "audience": Audience.REGULATION,
    }  # fmt: skip
    return RequestArrived(when, Request(**{**plain, **changes}), live.pop("answer_by", when), **live)


def a_day(*events: Event, days: int = 3) -> Stream:
    """A stream of these events, in order of time, with no past but what happened before Monday."""
    return Stream(
        Header(MONDAY, MONDAY + timedelta(days=days), MONDAY),
        tuple(sorted(events, key=lambda event: event.at)),
    )


def published(ident: str, starts: datetime, when: datetime = MONDAY, **changes: Any) -> SlotPublished:
    """A slot that becomes known, at midnight unless told."""
    return SlotPublished(when, a_live_slot(ident, starts, **changes))
