"""The work of rotas: plans solved in a process of their own, slots published, absences repaired.

Each plan and each rota commits alone; see `api.jobs.work` for how jobs behave.
"""

from __future__ import annotations

import logging
from uuid import UUID

from api.jobs.apart import apart
from api.wiring import Wiring
from regulation.messages import service as messages
from slots.rota import service as rotas
from slots.rota.terms import Purpose
from snp.errors import SnpError
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log


def solve_rotas(wiring: Wiring) -> int:
    """Solve the plans that wait; a repair that needs nobody's word is confirmed. Returns how many."""
    with wiring.transaction() as session:
        due = rotas.plans_due(session, now=wiring.clock.now())
    for plan_id in due:
        _solve(wiring, plan_id)
    return len(due)


def keep_rotas(wiring: Wiring) -> int:
    """Ask for the repairs that absences call for, publish what comes within the horizon, seek volunteers.

    Returns how many slots were published.
    """
    by, now = system("keep-rotas"), wiring.clock.now()
    with wiring.transaction() as session:
        broken = rotas.repairs_due(session, now=now)
    for rota_id in broken:
        with wiring.transaction() as session:
            if rotas.ask_repair(session, rota_id, by=by, now=now) is not None:
                log(Event.ROTA_REPAIR_ASKED, rota_id=rota_id)
    published = 0
    for rota_id in _all(wiring):
        published += _publish(wiring, rota_id)
        with wiring.transaction() as session:
            messages.queue_volunteers(session, rotas.get_rota(session, rota_id), now=now)
    return published


def _solve(wiring: Wiring, plan_id: UUID) -> None:
    plan = rotas.solve_plan(wiring.transaction, plan_id, solve=_solve_apart, clock=wiring.clock.now)
    log(Event.ROTA_PLAN_SOLVED, plan_id=plan_id, status=plan.status)
    if plan.purpose is not Purpose.REPAIR or not plan.can_be_confirmed:
        return
    try:
        with wiring.transaction() as session:
            if not rotas.get_rota(session, plan.rota_id).details.repairs_alone:
                return
            rotas.confirm_plan(session, plan_id, by=system("keep-rotas"), now=wiring.clock.now())
        log(Event.ROTA_PLAN_CONFIRMED, plan_id=plan_id, rota_id=plan.rota_id)
    except SnpError as refusal:
        log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, plan_id=plan_id)


def _solve_apart(text: str, seconds: float) -> str:
    answer: str = apart("slots.rota.solving:solve_text", text, seconds)
    return answer


def _publish(wiring: Wiring, rota_id: UUID) -> int:
    try:
        with wiring.transaction() as session:
            by, now = system("keep-rotas"), wiring.clock.now()
            return len(rotas.publish_due(session, rota_id, by=by, now=now))
    except SnpError as refusal:
        log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, rota_id=rota_id)
        return 0


def _all(wiring: Wiring) -> list[UUID]:
    """Every rota that is held."""
    found: list[UUID] = []
    cursor: str | None = None
    while True:
        with wiring.transaction() as session:
            page = rotas.list_rotas(session, cursor=cursor)
        found += (each.id for each in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found
