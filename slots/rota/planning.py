"""Plans: asked for, solved outside any transaction, judged, explained, then confirmed or discarded."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.rota import announcing, plan_rows, repository, shift_rows
from slots.rota.checks import judge, violations
from slots.rota.dating import dated
from slots.rota.facts import RotaAnswer, RotaProblem, Status, Turns
from slots.rota.handing import hand_over, publish_due, together
from slots.rota.reading import read_answer, read_problem
from slots.rota.refusals import PlanNotConfirmable
from slots.rota.stating import key_of, state_plan
from slots.rota.terms import (
    LEAST_WEEKS,
    MOST_WEEKS,
    Cause,
    Change,
    Decision,
    Moved,
    PlanView,
    Purpose,
    RotaView,
    ShiftView,
)
from slots.rota.writing import write_answer, write_problem
from snp.days import day_bounds, local_day
from snp.directory import service as directory
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit
from snp.errors import InvalidValue
from snp.platform.actors import Actor

TIME_LIMIT_S: Final = 60
FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""A plan that has been solved for so long is solved anew: its process was killed."""

Transaction = Callable[[], AbstractContextManager[Session]]
Solver = Callable[[str, float], str]
"""From the text of a problem and seconds to the text of an answer; may run in another process."""


def ask_plan(
    session: Session,
    rota_id: UUID,
    first_day: date,
    weeks: int,
    *,
    time_limit_s: int = TIME_LIMIT_S,
    by: Actor,
    now: datetime,
) -> PlanView:
    """Ask for a new rota over whole weeks. Raises `InvalidValue`, `PlanInProgress`, `RotaNotFound`."""
    if not LEAST_WEEKS <= weeks <= MOST_WEEKS:
        raise InvalidValue("weeks", f"un roulement couvre de {LEAST_WEEKS} à {MOST_WEEKS} semaines")
    if first_day <= local_day(now):
        raise InvalidValue("first_day", "le roulement commence demain au plus tôt")
    if first_day > local_day(now) + timedelta(days=366):
        raise InvalidValue("first_day", "le roulement commence dans l’année")
    if not repository.members(session, rota_id):
        raise InvalidValue("rota", "personne ne prend part à ce roulement : ajoutez des participants")
    last = first_day + timedelta(days=7 * weeks - 1)
    ident = plan_rows.insert_plan(
        session, rota_id, Purpose.BUILD, first_day, last, time_limit_s=time_limit_s, author=by.ident, now=now
    )
    return plan_rows.plan_by_id(session, ident)


def plans_due(session: Session, *, now: datetime) -> list[UUID]:
    """Return the plans that wait to be solved, oldest first."""
    return plan_rows.unsolved(session, now - FORGOTTEN_AFTER)


def solve_plan(
    transaction: Transaction, plan_id: UUID, *, solve: Solver, clock: Callable[[], datetime]
) -> PlanView:
    """State the problem, solve it outside any transaction, judge the answer, write it down.

    An answer that the judge refuses, like a solver that fails, leaves the plan `unknown`.
    """
    with transaction() as session:
        plan = plan_rows.plan_by_id(session, plan_id, lock=True)
        if plan.solved_at is not None or plan.decision is not None:
            return plan
        rota = repository.by_id(session, plan.rota_id)
        problem = state_plan(session, rota, plan.purpose, plan.first_day, plan.last_day, now=clock())
        text = write_problem(problem)
        plan_rows.update_plan(session, plan_id, started_at=clock(), problem=json.loads(text))
    try:
        answer = read_answer(solve(text, float(plan.time_limit_s)))
    except RuntimeError:
        answer = RotaAnswer(Status.UNKNOWN, {}, None, 0, 0.0)
    if judge(problem, answer):
        answer = RotaAnswer(Status.UNKNOWN, {}, None, 0, answer.wall_s)
    with transaction() as session:
        plan_rows.update_plan(
            session,
            plan_id,
            solved_at=clock(),
            status=answer.status,
            answer=json.loads(write_answer(answer)),
        )
        return plan_rows.plan_by_id(session, plan_id)


def get_plan(session: Session, plan_id: UUID) -> PlanView:
    """Return a plan. Raises `RotaNotFound`."""
    return plan_rows.plan_by_id(session, plan_id)


def list_plans(
    session: Session, rota_id: UUID, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[PlanView]:
    """List the plans of a rota, newest first."""
    try:
        before = UUID(cursor) if cursor else None
    except ValueError:
        raise InvalidValue("cursor", "repère de page inconnu") from None
    found = plan_rows.plans(session, rota_id, before=before, limit=checked_limit(limit) + 1)
    return Page(tuple(found[:limit]), str(found[limit - 1].id) if len(found) > limit else None)


def problem_and_answer(plan: PlanView) -> tuple[RotaProblem, RotaAnswer] | None:
    """The problem of a plan as it was stated and its answer; None until it is solved."""
    if not plan.problem or not plan.answer:
        return None
    return read_problem(json.dumps(plan.problem)), read_answer(json.dumps(plan.answer))


def changes_of(problem: RotaProblem, answer: RotaAnswer) -> tuple[Change, ...]:
    """What an answer changes of the shifts that stood, by start."""
    found = []
    for shift in problem.shifts:
        before, after = problem.held_in_force(shift.id), answer.turns.get(shift.id, frozenset())
        if before != after and not problem.is_frozen(shift):
            found.append(Change(shift.id, before - after, after - before))
    return tuple(found)


def confirm_plan(session: Session, plan_id: UUID, *, by: Actor, now: datetime) -> Moved:
    """Put a plan in force: turns change hands, slots within the horizon are published.

    Raises `PlanNotConfirmable` when it was decided on, holds no rota, or when a rule no longer holds (an
    absence since, a shift that has begun).
    """
    plan = plan_rows.plan_by_id(session, plan_id)
    repository.lock(session, plan.rota_id)
    plan = plan_rows.plan_by_id(session, plan_id, lock=True)
    stated = problem_and_answer(plan)
    if not plan.can_be_confirmed or stated is None:
        raise PlanNotConfirmable("une décision a déjà été prise, ou il n’y a pas de roulement à confirmer.")
    rota = repository.by_id(session, plan.rota_id)
    wanted = stated[1].turns
    current = state_plan(session, rota, plan.purpose, plan.first_day, plan.last_day, now=now)
    _check_still_holds(current, wanted)
    if plan.purpose is Purpose.REPAIR and current.in_force != stated[0].in_force:
        raise PlanNotConfirmable(
            "des gardes ont changé de mains depuis le calcul. Demandez un nouveau calcul."
        )
    if plan.purpose is Purpose.BUILD:
        _write_shifts(session, rota, plan)
    cause = Cause.PLAN if plan.purpose is Purpose.BUILD else Cause.REPAIR
    moves, concerned = [], set[UUID]()
    for shift in _standing(session, plan):
        if shift.start <= now:
            continue
        before = {turn.practitioner_id for turn in shift.turns}
        after = {UUID(each) for each in wanted.get(key_of(shift), frozenset())}
        if before != after:
            concerned |= before ^ after
            moves.append(
                hand_over(
                    session,
                    shift,
                    leaving=before - after,
                    coming=after - before,
                    cause=cause,
                    plan_id=plan_id,
                    by=by,
                    now=now,
                )
            )
    decide(session, plan_id, Decision.CONFIRMED, by=by, now=now)
    announcing.turns_changed(session, plan.rota_id, plan_id, concerned, now)
    publish_due(session, plan.rota_id, by=by, now=now)
    return together(moves)


def discard_plan(session: Session, plan_id: UUID, *, by: Actor, now: datetime) -> None:
    """Put a plan aside. Raises `PlanNotConfirmable` when it was decided on."""
    if plan_rows.plan_by_id(session, plan_id, lock=True).decision is not None:
        raise PlanNotConfirmable("une décision a déjà été prise.")
    decide(session, plan_id, Decision.DISCARDED, by=by, now=now)


def decide(session: Session, plan_id: UUID, decision: Decision, *, by: Actor, now: datetime) -> None:
    """Write down what was decided."""
    plan_rows.update_plan(session, plan_id, decision=decision, decided_at=now, decided_by=by.ident)


def _check_still_holds(current: RotaProblem, wanted: Turns) -> None:
    broken = violations(current, wanted)
    if broken:
        told = " ".join(each.sentence for each in broken[:3])
        raise PlanNotConfirmable(
            f"la situation a changé depuis le calcul. {told} Demandez un nouveau calcul."
        )


def _write_shifts(session: Session, rota: RotaView, plan: PlanView) -> None:
    hours = directory.get_territory(session, rota.territory_id).settings.snp_hours
    pairs = list(dated(rota.details, plan.first_day, plan.last_day, hours))
    patients = {shift.id: opening.patients for shift, opening in pairs}
    shift_rows.put_shifts(session, rota.id, [shift for shift, _ in pairs], patients)


def _standing(session: Session, plan: PlanView) -> list[ShiftView]:
    start, end = day_bounds(plan.first_day)[0], day_bounds(plan.last_day)[1]
    return shift_rows.shifts(session, rota_id=plan.rota_id, start=start, end=end)
