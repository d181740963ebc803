"""A rota put right when somebody cannot hold his turns: asked for once an absence, with the least change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.rota import plan_rows, repository, shift_rows
from slots.rota.facts import Span
from slots.rota.planning import TIME_LIMIT_S
from slots.rota.stating import away_of
from slots.rota.terms import Decision, PlanView, Purpose, ShiftView, TurnView
from snp.days import local_day
from snp.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class Broken:
    """A turn ahead that its holder cannot hold, since when that is known; `absence_id` None: he left."""

    shift: ShiftView
    turn: TurnView
    known_at: datetime
    absence_id: UUID | None


def broken_turns(session: Session, rota_id: UUID, *, now: datetime) -> tuple[Broken, ...]:
    """Return the turns ahead whose holder is away or has left the rota, by start."""
    standing = shift_rows.shifts(session, rota_id=rota_id, start=now)
    holders = {turn.practitioner_id for shift in standing for turn in shift.turns}
    members = {row.practitioner_id for row in repository.members(session, rota_id)}
    absences = away_of(session, holders, after=now)
    found = []
    for shift in standing:
        span = Span(shift.start, shift.end)
        for turn in shift.turns:
            if turn.practitioner_id not in members:
                found.append(Broken(shift, turn, now, None))
                continue
            for each in absences.get(turn.practitioner_id, []):
                if Span(each.start, each.end).meets(span):
                    found.append(Broken(shift, turn, each.created_at, each.id))
                    break
    return tuple(found)


def ask_repair(session: Session, rota_id: UUID, *, by: Actor, now: datetime) -> PlanView | None:
    """Ask for a repair over all that stands, when turns are broken; None when none is, or a plan waits.

    Raises nothing for a rota that is well.
    """
    broken = broken_turns(session, rota_id, now=now)
    last = shift_rows.last_held(session, rota_id)
    if not broken or last is None or plan_rows.undecided(session, rota_id) is not None:
        return None
    ident = plan_rows.insert_plan(
        session,
        rota_id,
        Purpose.REPAIR,
        local_day(now),
        local_day(last),
        time_limit_s=TIME_LIMIT_S,
        author=by.ident,
        now=now,
    )
    return plan_rows.plan_by_id(session, ident)


def repairs_due(session: Session, *, now: datetime) -> list[UUID]:
    """Return the rotas in which something broke since the last repair that was discarded or failed."""
    found = []
    for rota in repository.page(session):
        broken = broken_turns(session, rota.id, now=now)
        if not broken or plan_rows.undecided(session, rota.id) is not None:
            continue
        given_up = [
            plan.asked_at
            for plan in plan_rows.plans(session, rota.id, limit=20)
            if plan.purpose is Purpose.REPAIR and plan.decision is Decision.DISCARDED
        ]
        if not given_up or any(each.known_at > max(given_up) for each in broken if each.absence_id):
            found.append(rota.id)
    return found
