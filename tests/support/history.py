"""An invented history of several territories, written as rows: what the services leave behind after months.

Slots at midnight, on both days when clocks change, shared, released, withdrawn, hidden, lost; appointments
moved, cancelled early, late and by their carer, taken again, honoured or not, still to be told; requests
decided twice, promised, unserved, given up, from every origin.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from api.migrations import import_tables
from snp.days import at_local
from snp.directory.facts import TerritoryView
from tests.support.directory import a_practitioner, a_site, a_territory

START = date(2025, 2, 1)
NOW = datetime(2026, 11, 10, 11, 30, tzinfo=UTC)
GP, PHYSIO, MIDWIFE = "medecin_generaliste", "masseur_kinesitherapeute", "sage_femme"
COMMUNES = ("44131", "44012", "44186", "44005", "44021")
TIMES = (time(0, 10), time(8, 30), time(9), time(11), time(14, 30), time(17), time(19, 40), time(23, 40))
ORIGINS = ("arm", "osnp", "regulateur", "pharmacy", "nurse", "doctor", "physio", "sas")
DISPOSITIONS = ("advice", "back_to_mt", "emergency", "pdsa", "smur", "call_15", "keep_appointment", None)
DELAYS = (6, 12, 24, 48)


@dataclass
class History:
    """What was written: the territories, and rows by table."""

    territories: tuple[TerritoryView, ...]
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> UUID:
        """Keep a row to be written; returns its id."""
        values.setdefault("id", uuid4())
        self.rows.setdefault(table, []).append(values)
        ident: UUID = values["id"]
        return ident


def a_history(session: Session, *, seed: int = 7, days: int = 640, busy: int = 3, carers: int = 9) -> History:
    """Write a history of three territories that ends at `NOW`; the last one is nearly asleep."""
    import_tables()
    luck = random.Random(seed)
    territories = tuple(
        a_territory(session, slug, communes=communes)
        for slug, communes in (("un", COMMUNES[:3]), ("deux", COMMUNES[3:]), ("trois", ("44155",)))
    )
    history = History(territories)
    sites = [a_site(session, insee).id for insee in COMMUNES]
    free = list(_publish(session, history, sites, luck, days=days, carers=carers))
    _call(history, free, luck, days=days, busy=busy)
    for name in (
        "patient",
        "slot",
        "request",
        "request_move",
        "appointment",
        "appointment_status",
        "promise",
    ):
        rows = history.rows.get(name, [])
        if rows:
            session.execute(sa.insert(SQLModel.metadata.tables[name]), rows)
    session.execute(sa.text("ANALYZE"))
    return history


def _publish(
    session: Session, history: History, sites: list[UUID], luck: random.Random, *, days: int, carers: int
) -> Iterator[dict[str, Any]]:
    """Every carer gives slots on some days; yields those that may be taken."""
    one, two, three = (territory.id for territory in history.territories)
    membership = SQLModel.metadata.tables["membership"]
    for number in range(carers):
        profession = (GP, GP, GP, PHYSIO, MIDWIFE)[number % 5]
        home = [[one], [two], [one, two], [one], [two]][number % 5] if number else [three]
        carer = a_practitioner(session, site_ids=(sites[number % 5],), profession=profession)
        for territory in home:
            until = START + timedelta(days=400) if number == 5 else None
            values = {"practitioner_id": carer.id, "territory_id": territory, "since": START, "until": until}
            session.execute(sa.insert(membership).values(values))
        if number == 7:
            continue  # a member who never gives
        for offset in range(days + 3):
            day = START + timedelta(days=offset)
            turns = day.month in {3, 10} and day.weekday() == 6 and day.day > 24
            if not turns and (day.weekday() == 6 or luck.random() < (0.97 if home == [three] else 0.5)):
                continue
            times = (TIMES[0], TIMES[-1]) if turns else luck.sample(TIMES, 2)
            for at in times:
                yield _slot(history, luck, carer.id, sites[number % 5], profession, home, at_local(day, at))


def _slot(  # noqa: PLR0917 - a story needs all its people
    history: History,
    luck: random.Random,
    carer: UUID,
    site: UUID,
    profession: str,
    home: list[UUID],
    start: datetime,
) -> dict[str, Any]:
    state = luck.choices(("open", "released", "withdrawn", "hidden"), (82, 8, 6, 4))[0]
    minutes = luck.choice((15, 20, 30))
    row = {
        "practitioner_id": carer,
        "site_id": site,
        "profession": profession,
        "start_at": start,
        "end_at": start + timedelta(minutes=minutes),
        "busy_until": start + timedelta(minutes=minutes),
        "mode": luck.choices(("AMB", "VR", "HH"), (85, 10, 5))[0],
        "audiences": ["regulation", "desk"],
        "territory_ids": home,
        "reasons": [],
        "sas": [],
        "state": state,
        "closing": False,
        "version": 1,
        "created_at": start - timedelta(days=7),
        "created_by": "test",
    }
    row["id"] = history.add("slot", **row)
    return row


def _call(
    history: History, slots: list[dict[str, Any]], luck: random.Random, *, days: int, busy: int
) -> None:
    by_territory = {
        territory.id: sorted(
            (one for one in slots if one["state"] == "open" and territory.id in one["territory_ids"]),
            key=lambda one: one["start_at"],
        )
        for territory in history.territories
    }
    taken: set[UUID] = set()
    heads = dict.fromkeys(by_territory, 0)
    for offset in range(days + 13):
        day = START + timedelta(days=offset)
        for number, territory in enumerate(history.territories):
            for _ in range(luck.randint(0, busy) if number < 2 else int(luck.random() < 0.04)):
                at = at_local(day, time(luck.randint(0, 23), luck.randint(0, 59), luck.randint(0, 59)))
                if at < NOW:
                    waiting = by_territory[territory.id]
                    while (
                        heads[territory.id] < len(waiting) and waiting[heads[territory.id]]["start_at"] < at
                    ):
                        heads[territory.id] += 1
                    near = waiting[heads[territory.id] : heads[territory.id] + 60]
                    _request(history, luck, territory.id, at, near, taken)


def _patient(history: History, luck: random.Random, territory: UUID, at: datetime) -> UUID:
    return history.add(
        "patient",
        territory_id=territory,
        identity=b"sealed",
        person_hash=f"person-{luck.randint(1, 400)}".encode(),
        insee=luck.choice(COMMUNES),
        version=1,
        created_at=at,
    )


def _request(  # noqa: PLR0917 - a story needs all its people
    history: History,
    luck: random.Random,
    territory: UUID,
    at: datetime,
    slots: list[dict[str, Any]],
    taken: set[UUID],
) -> None:
    seeks = luck.random() < 0.6
    disposition = (
        luck.choice(("snp_consultation", "teleconsultation")) if seeks else luck.choice(DISPOSITIONS)
    )
    request: dict[str, Any] = {
        "number": uuid4().hex[:12],
        "territory_id": territory,
        "patient_id": _patient(history, luck, territory, at),
        "origin": luck.choices(ORIGINS, (20, 25, 10, 12, 8, 4, 4, 3))[0],
        "state": "oriented" if disposition else "to_decide",
        "audience": "regulation",
        "decided_at": None,
        "mt_status": luck.choices(("none", "too_late", "unknown"), (3, 5, 2))[0],
        "disposition": disposition,
        "priority": luck.choice(("P1", "P2", "P3", None)),
        "professions": [luck.choice((GP, GP, PHYSIO, MIDWIFE))] if seeks else [],
        "sessions": 1,
        "min_gap_days": 1,
        "max_gap_days": 7,
        "version": 1,
        "created_at": at,
        "created_by": "test",
    }
    request["id"] = uuid4()
    if seeks:
        _decide(history, luck, request, at, slots, taken)
    history.add("request", **request)


def _decide(  # noqa: PLR0917 - a story needs all its people
    history: History,
    luck: random.Random,
    request: dict[str, Any],
    at: datetime,
    slots: list[dict[str, Any]],
    taken: set[UUID],
) -> None:
    decided = at + timedelta(minutes=luck.randint(3, 50), seconds=luck.randint(0, 59))
    for again in range(1 if luck.random() < 0.9 else 2):
        request["decided_at"] = decided + timedelta(hours=2 * again)
        _move(history, request["id"], "decide", request["decided_at"], luck.choice(DELAYS))
    request["state"] = "seeking"
    if luck.random() < 0.1:
        _promise(history, request, decided)
    ahead = [
        one for one in slots if one["start_at"] > decided + timedelta(minutes=20) and one["id"] not in taken
    ]
    if not ahead or luck.random() < 0.06:
        request["state"] = luck.choice(("unserved", "unserved", "cancelled", "closed", "oriented"))
        return
    slot = luck.choice(ahead[:9])
    booked = decided + timedelta(minutes=5)
    request["state"] = "booked"
    _book(history, luck, request, slot, booked, [one for one in ahead if one is not slot], taken)


def _book(  # noqa: PLR0917 - a story needs all its people
    history: History,
    luck: random.Random,
    request: dict[str, Any],
    slot: dict[str, Any],
    booked: datetime,
    others: list[dict[str, Any]],
    taken: set[UUID],
) -> None:
    fate = luck.choices(("stays", "moved", "cancelled", "by_carer"), (76, 8, 12, 4))[0]
    changed = booked + (slot["start_at"] - booked) * luck.random()
    if fate == "stays" or changed >= NOW:
        ident = _appointment(history, request, slot, booked)
        taken.add(slot["id"])
        if slot["start_at"] < NOW:
            outcome = luck.choices(("honoured", "no_show", "booked"), (85, 7, 8))[0]
            _become(history, ident, outcome, slot["start_at"] + timedelta(minutes=20))
            request["state"] = "booked" if outcome == "booked" else "closed"
        return
    ident = _appointment(history, request, slot, booked, live=False)
    if fate == "moved" and (later := [one for one in others if one["start_at"] > changed]):
        _become(history, ident, "moved", changed)
        taken.add(later[0]["id"])
        _appointment(history, request, later[0], changed, replaces=ident)
    else:
        by = "practitioner" if fate == "by_carer" else luck.choice(("patient", "desk", "regulation"))
        _become(history, ident, "cancelled", changed, by)
        request["state"] = "cancelled"
        if by == "practitioner":
            slot["state"] = history.rows["slot"][_row_of(history, slot["id"])]["state"] = "withdrawn"
            taken.add(slot["id"])


def _row_of(history: History, slot_id: UUID) -> int:
    return next(n for n, row in enumerate(history.rows["slot"]) if row["id"] == slot_id)


def _appointment(
    history: History,
    request: dict[str, Any],
    slot: dict[str, Any],
    at: datetime,
    *,
    live: bool = True,
    replaces: UUID | None = None,
) -> UUID:
    ident = history.add(
        "appointment",
        slot_id=slot["id"],
        request_id=request["id"],
        practitioner_id=slot["practitioner_id"],
        site_id=slot["site_id"],
        territory_id=request["territory_id"],
        session_no=1,
        start_at=slot["start_at"],
        end_at=slot["end_at"],
        mode=slot["mode"],
        live=live,
        status="booked",
        code_hash=uuid4().bytes,
        replaces_id=replaces,
        version=1,
        created_at=at,
        created_by="test",
    )
    _status(history, ident, "booked", at)
    return ident


def _become(history: History, ident: UUID, status: str, at: datetime, by: str | None = None) -> None:
    if status == "booked":
        return
    next(row for row in reversed(history.rows["appointment"]) if row["id"] == ident)["status"] = status
    _status(history, ident, status, at, by)


def _status(history: History, ident: UUID, status: str, at: datetime, by: str | None = None) -> None:
    values = {"appointment_id": ident, "status": status, "at": at, "author": "test", "cancelled_by": by}
    history.add("appointment_status", **values)


def _move(history: History, request_id: UUID, move: str, at: datetime, delay_h: int) -> None:
    data = {"disposition": "snp_consultation", "delay_h": delay_h}
    values = {"request_id": request_id, "move": move, "from_state": "to_decide", "to_state": "seeking"}
    history.add("request_move", **values, at=at, author="test", role="regulateur", reasons=[], data=data)


def _promise(history: History, request: dict[str, Any], at: datetime) -> None:
    history.add(
        "promise",
        request_id=request["id"],
        territory_id=request["territory_id"],
        made_at=at,
        made_by="test",
        seen_before=at + timedelta(hours=48),
        notice_minutes=60,
        certificate={},
        ended_at=at + timedelta(hours=1),
        ending="named",
    )
