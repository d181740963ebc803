"""The MSP shares its evenings and Saturdays: a rota in force, wishes, an exchange that waits for a word."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.demo.cast import RETZ
from api.demo.facts import Stage
from api.demo.stage import DEMO
from slots.rota import service as rotas
from slots.rota.facts import Half
from slots.rota.refusals import RotaRuleBroken
from slots.rota.terms import Opening, Room, RotaDetails, WishKind, WishLine
from snp.days import local_day
from snp.directory import service as directory

_DOCTORS: Final = ("carer-510", "carer-511", "carer-512", "carer-513")
_SHARES: Final = (100, 100, 80, 60)
_WEEKS: Final = 8
_PUBLISH_DAYS: Final = 7


def share_turns(session: Session, stage: Stage, *, now: datetime) -> None:
    """Make the rota of the MSP from next Monday on, put it in force, and propose an exchange."""
    from slots.rota.solving import solve_text  # noqa: PLC0415 - OR-Tools takes a second to import

    doctors = [stage.carers[key] for key in _DOCTORS]
    site_id = directory.get_practitioner(session, doctors[0], now=now).site_ids[0]
    made = rotas.create_rota(session, stage.territories[RETZ], _details(site_id), by=DEMO, now=now)
    for who, share in zip(doctors, _SHARES, strict=True):
        rotas.put_member(session, made.id, who, share=share, now=now)
    rotas.set_wishes(
        session,
        made.id,
        doctors[0],
        [
            WishLine(1, Half.EVENING, WishKind.PREFER, 3),
            WishLine(4, Half.EVENING, WishKind.PREFER, -3),
        ],
    )
    rotas.set_wishes(session, made.id, doctors[2], [WishLine(2, Half.EVENING, WishKind.NEVER)])
    monday = local_day(now) + timedelta(days=7 - local_day(now).weekday())
    plan = rotas.ask_plan(session, made.id, monday, _WEEKS, by=DEMO, now=now)
    rotas.solve_plan(lambda: nullcontext(session), plan.id, solve=solve_text, clock=lambda: now)
    rotas.confirm_plan(session, plan.id, by=DEMO, now=now)
    _propose(session, made.id, giver=doctors[1], asked=doctors[0], now=now)


def _details(site_id: UUID) -> RotaDetails:
    evenings = tuple(
        Opening(site_id, day, Half.EVENING, time(18), time(19, 30), patients=2) for day in range(5)
    )
    saturday = Opening(site_id, 5, Half.MORNING, time(9), time(11), patients=3)
    return RotaDetails(
        name="Maison de santé du Lac",
        openings=(*evenings, saturday),
        places=(Room(site_id),),
        publish_days=_PUBLISH_DAYS,
    )


def _propose(session: Session, rota_id: UUID, *, giver: UUID, asked: UUID, now: datetime) -> None:
    """Propose the first turn that the other may hold in exchange for nothing."""
    ahead = now + timedelta(weeks=1)
    for shift in rotas.list_shifts(session, rota_id, ahead, ahead + timedelta(weeks=4)):
        for turn in shift.turns:
            if turn.practitioner_id != giver:
                continue
            try:
                rotas.propose_swap(session, turn.id, asked, by=DEMO, now=now)
            except RotaRuleBroken:
                continue
            return
