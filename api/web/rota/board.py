"""The coordinator's « Roulement »: what stands, what is short, who volunteers, plans to decide on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.routers.subjects import of_rota
from api.security.rights import Action, check_existing, reach_of
from api.web.agenda import told
from api.web.agenda.reading import Typed
from api.web.agenda.week import ToldQuery
from api.web.coordination.visits import Post, PostDep
from api.web.forms import whole
from api.web.rendering import render, see
from api.web.rota import views
from api.web.submitted import SubmittedDep
from slots.rota import service as rotas
from slots.rota.explaining import shares as shares_of
from slots.rota.facts import Status
from slots.rota.terms import MOST_WEEKS, PlanView, RotaView, ShiftView, TurnView
from snp.days import day_bounds, local_day, say_instant
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound, SnpError
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

router = APIRouter(prefix="/coordination/roulement", include_in_schema=False)

SHOWN_WEEKS: Final = 4
FARTHEST_WEEKS: Final = 60
"""How far from now the board may be walked."""
REFRESH_SECONDS: Final = 3
PAST_PLANS: Final = 10


@router.get("")
def index(*, post: PostDep, session: SessionDep) -> Response:
    """List the rotas of the territory; the one there is opens at once."""
    reach_of(post.actor, Action.ROTA_READ)
    found = rotas.list_rotas(session, territory_ids=[post.territory.id]).items
    if len(found) == 1:
        return see(address(post, found[0].id))
    return render(
        "rota/index.html", visit=post.visit, post=post, rotas=found, places=_all_places(found, session)
    )


@router.get("/{rota_id}")
def show(
    *,
    rota_id: UUID,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    dit: ToldQuery = None,
    debut: Annotated[int, Query(ge=-FARTHEST_WEEKS, le=FARTHEST_WEEKS)] = 0,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show what stands for four weeks, what waits for the coordinator, and past plans."""
    rota = reachable(session, post, rota_id, now)
    tone, sentences = told.said(session, dit, keys=keys, by=post.actor, now=now)
    members = rotas.list_members(session, rota_id, now=now)
    first = local_day(now) - timedelta(days=local_day(now).weekday()) + timedelta(weeks=debut)
    start, end = day_bounds(first)[0], day_bounds(first + timedelta(weeks=SHOWN_WEEKS))[0]
    shifts = rotas.list_shifts(session, rota_id, start, end)
    names = names_of(session, {t.practitioner_id for s in shifts for t in s.turns}, now)
    short = rotas.short_shifts(session, rota_id, now=now)
    plan = rotas.undecided_plan(session, rota_id)
    return render(
        "rota/board.html",
        visit=post.visit,
        info=info,
        post=post,
        rota=rota,
        members=members,
        weeks=views.weeks_of(
            views.held_of_shifts(
                shifts,
                names,
                places_of(session, rota),
                lambda turn: (
                    f"/coordination/roulement/{rota_id}/gardes/{turn.id}?territoire={post.territory.id}"
                ),
            )
        ),
        before=debut - SHOWN_WEEKS if debut - SHOWN_WEEKS >= -FARTHEST_WEEKS else None,
        after=debut + SHOWN_WEEKS if debut + SHOWN_WEEKS <= FARTHEST_WEEKS else None,
        plan=plan,
        plan_title=views.plan_title(plan) if plan else "",
        plan_state=views.plan_state(plan) if plan else "",
        short=[(each.id, views.when(each), each.missing) for each in short[:20]],
        short_count=len(short),
        offers=_offers(session, rota_id, now),
        broken=[
            (
                views.when(each.shift),
                names_of(session, {each.turn.practitioner_id}, now)[each.turn.practitioner_id],
            )
            for each in rotas.broken_turns(session, rota_id, now=now)
        ],
        troubles=[
            (views.when(shift), names[turn.practitioner_id], turn.trouble)
            for shift in shifts
            for turn in shift.turns
            if turn.trouble and shift.start > now
        ],
        past=[
            (each.id, views.plan_title(each), views.plan_state(each), say_instant(each.asked_at))
            for each in rotas.list_plans(session, rota_id, limit=PAST_PLANS).items
            if each.decision is not None
        ],
        told_tone=tone,
        told=sentences,
        most_weeks=MOST_WEEKS,
        next_monday=f"{_next_monday(now):%d/%m/%Y}",
    )


@router.get("/{rota_id}/tableau")
def table(*, rota_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> Response:
    """Show the twelve weeks to come, made to be printed and pinned up."""
    rota = reachable(session, post, rota_id, now)
    shifts = rotas.list_shifts(session, rota_id, now - timedelta(days=7), now + timedelta(weeks=MOST_WEEKS))
    names = names_of(session, {t.practitioner_id for s in shifts for t in s.turns}, now)
    weeks = views.weeks_of(views.held_of_shifts(shifts, names, places_of(session, rota)))
    return render("rota/table.html", visit=post.visit, post=post, rota=rota, weeks=weeks)


@router.get("/{rota_id}/gardes/{turn_id}")
def why(*, rota_id: UUID, turn_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> Response:
    """Show why a turn is whose it is: who else could hold it, and what everybody holds and is due."""
    rota = reachable(session, post, rota_id, now)
    shift, turn = rotas.shift_of_turn(session, turn_id)
    if shift.rota_id != rota_id:
        raise NotFound("garde", turn_id)
    holder = directory.get_practitioner(session, turn.practitioner_id, now=now).full_name
    return render(
        "rota/why.html",
        visit=post.visit,
        post=post,
        rota=rota,
        holder=holder,
        when=views.when(shift),
        kinds=views.kind_words(shift),
        note=views.turn_note(turn),
        **explained(session, shift, turn, now),
    )


@router.post("/{rota_id}/projets")
def ask(
    *, rota_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Ask for a new rota, solved in the background."""
    reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    typed = Typed(form.texts, {})
    first = typed.day("premier_jour", local_day(now), missing="Indiquez le premier jour")
    weeks = form.texts.get("semaines", "")
    if typed.errors:
        return _back(session, post, rota_id, list(typed.errors.values()), tone="alarm", keys=keys, now=now)
    try:
        with session.begin_nested():
            plan = rotas.ask_plan(session, rota_id, first, whole(weeks, 0), by=post.actor, now=now)
    except InvalidValue as fault:
        return _back(session, post, rota_id, [_capital(fault)], tone="alarm", keys=keys, now=now)
    except SnpError as refusal:
        return _back(session, post, rota_id, [refusal.sentence], tone="alarm", keys=keys, now=now)
    return see(f"/coordination/roulement/{rota_id}/projets/{plan.id}?territoire={post.territory.id}")


@router.post("/{rota_id}/reparer")
def repair(*, rota_id: UUID, post: PostDep, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Ask for a repair with the least change."""
    reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    plan = rotas.ask_repair(session, rota_id, by=post.actor, now=now)
    if plan is None:
        return _back(
            session,
            post,
            rota_id,
            ["Rien à réparer, ou un projet attend déjà."],
            tone="care",
            keys=keys,
            now=now,
        )
    return see(f"/coordination/roulement/{rota_id}/projets/{plan.id}?territoire={post.territory.id}")


@router.get("/{rota_id}/projets/{plan_id}")
def plan_page(
    *, rota_id: UUID, plan_id: UUID, post: PostDep, session: SessionDep, keys: KeysDep, now: NowDep,
    dit: ToldQuery = None,
) -> Response:  # fmt: skip
    """Show a plan: how far its calculation is, then what it gives, proves and changes."""
    rota = reachable(session, post, rota_id, now)
    plan = _plan(session, rota_id, plan_id)
    tone, sentences = told.said(session, dit, keys=keys, by=post.actor, now=now)
    facts: dict[str, Any] = {
        "visit": post.visit,
        "post": post,
        "rota": rota,
        "plan": plan,
        "title": views.plan_title(plan),
        "state": views.plan_state(plan),
        "told_tone": tone,
        "told": sentences,
    }
    if plan.solved_at is None and plan.decision is None:
        waited = int((now - (plan.started_at or plan.asked_at)).total_seconds())
        headers = {"Refresh": str(REFRESH_SECONDS)}
        return render("rota/plan_waiting.html", headers=headers, waited=max(0, waited), **facts)
    return render("rota/plan.html", **facts, **_solved(session, plan, now))


@router.post("/{rota_id}/projets/{plan_id}/{act}")
def decide(
    *,
    rota_id: UUID,
    plan_id: UUID,
    act: Literal["confirmer", "ecarter"],
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Confirm a plan or put it aside."""
    reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    _plan(session, rota_id, plan_id)
    try:
        with session.begin_nested():
            if act == "confirmer":
                moved = rotas.confirm_plan(session, plan_id, by=post.actor, now=now)
                log(Event.ROTA_PLAN_CONFIRMED, plan_id=plan_id, rota_id=rota_id)
                sentences = [f"Le roulement est en vigueur : {len(moved.taken_up)} gardes attribuées."]
                if moved.kept_slots:
                    sentences.append(
                        f"Rendez-vous déjà pris, qui restent où ils sont : {len(moved.kept_slots)}."
                    )
            else:
                rotas.discard_plan(session, plan_id, by=post.actor, now=now)
                sentences = ["Le projet est écarté. Ce qui était en vigueur le reste."]
    except SnpError as refusal:
        kept = told.keep(session, [refusal.sentence], tone="alarm", keys=keys, by=post.actor, now=now)
        return see(
            f"/coordination/roulement/{rota_id}/projets/{plan_id}?territoire={post.territory.id}&dit={kept}"
        )
    return _back(session, post, rota_id, sentences, tone="good", keys=keys, now=now)


@router.post("/{rota_id}/volontaires/{offer_id}/{act}")
def answer_volunteer(
    *,
    rota_id: UUID,
    offer_id: UUID,
    act: Literal["retenir", "remercier"],
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Take a volunteer, or thank him."""
    reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    offer = rotas.get_offer(session, offer_id)
    reachable(session, post, rotas.get_shift(session, offer.shift_id).rota_id, now, Action.ROTA_WRITE)
    try:
        with session.begin_nested():
            if act == "retenir":
                rotas.accept_offer(session, offer_id, by=post.actor, now=now)
                log(Event.ROTA_VOLUNTEER_TAKEN, rota_id=rota_id)
            else:
                rotas.decline_offer(session, offer_id, by=post.actor, now=now)
    except SnpError as refusal:
        return _back(session, post, rota_id, [refusal.sentence], tone="alarm", keys=keys, now=now)
    sentence = "Le volontaire tient la garde." if act == "retenir" else "Le volontaire est remercié."
    return _back(session, post, rota_id, [sentence], tone="good", keys=keys, now=now)


def address(post: Post, rota_id: UUID) -> str:
    """The page of a rota."""
    return f"/coordination/roulement/{rota_id}?territoire={post.territory.id}"


def reachable(
    session: Session, post: Post, rota_id: UUID, now: datetime, action: Action = Action.ROTA_READ
) -> RotaView:
    """Return a rota within reach. Raises `NotFound`."""
    found = rotas.get_rota(session, rota_id)
    check_existing(post.actor, action, of_rota(session, found, now=now))
    return found


def explained(session: Session, shift: ShiftView, turn: TurnView, now: datetime) -> dict[str, Any]:
    """What a page says of why somebody holds a turn."""
    alternatives, shares = rotas.why_him(session, shift, turn, now=now)
    names = {
        share.carer: directory.get_practitioner(session, UUID(share.carer), now=now).full_name
        for share in shares
    }
    heads, lines = views.share_table(shares, names)
    return {
        "alternatives": [(each.name, views.reason_of(each), bool(each.broken)) for each in alternatives],
        "share_heads": heads,
        "share_lines": lines,
    }


def names_of(session: Session, ids: set[UUID], now: datetime) -> dict[UUID, str]:
    """Names as a table holds them, by practitioner."""
    return {
        each: views.short_name(directory.get_practitioner(session, each, now=now).full_name) for each in ids
    }


def places_of(session: Session, rota: RotaView) -> dict[UUID, str]:
    """The names of a rota's places, where it has several."""
    if len(rota.details.places) < 2:
        return {}
    return {each.site_id: directory.get_site(session, each.site_id).name for each in rota.details.places}


def _all_places(found: tuple[RotaView, ...], session: Session) -> dict[UUID, str]:
    return {
        rota.id: ", ".join(directory.get_site(session, each.site_id).name for each in rota.details.places)
        for rota in found
    }


def _offers(session: Session, rota_id: UUID, now: datetime) -> list[tuple[UUID, str, str]]:
    found = rotas.list_offers(session, rota_id)
    return [
        (
            each.id,
            views.when(rotas.get_shift(session, each.shift_id)),
            directory.get_practitioner(session, each.practitioner_id, now=now).full_name,
        )
        for each in found
    ]


def _plan(session: Session, rota_id: UUID, plan_id: UUID) -> PlanView:
    plan = rotas.get_plan(session, plan_id)
    if plan.rota_id != rota_id:
        rotas.get_plan(session, UUID(int=0))
    return plan


def _solved(session: Session, plan: PlanView, now: datetime) -> dict[str, Any]:
    """What the page of a solved plan shows."""
    stated = rotas.problem_and_answer(plan)
    if stated is None:
        return {"tone": "care", "verdict": "Ce projet a été écarté avant la fin du calcul.", "answer": None}
    problem, answer = stated
    tone, sentence = views.verdict(plan, answer)
    heads, lines = views.share_table(
        shares_of(problem, answer.turns), {each.id: each.name for each in problem.carers}
    )
    changes = rotas.changes_of(problem, answer) if plan.status in (Status.OPTIMAL, Status.FEASIBLE) else ()
    in_force = [each for each in changes if problem.in_force and each.shift_id in problem.in_force]
    open_days = [
        each for each in views.held_of_plan(problem, answer) if local_day(each.start) >= plan.first_day
    ]
    return {
        "tone": tone,
        "verdict": sentence,
        "answer": answer,
        "conflicts": [each.sentence for each in answer.conflicts],
        "share_heads": heads,
        "share_lines": lines,
        "changes": views.change_lines(
            problem, ((each.shift_id, each.leaving, each.coming) for each in in_force)
        ),
        "kept": _kept(session, plan, in_force, now) if plan.can_be_confirmed else [],
        "weeks": views.weeks_of(open_days) if answer.cost else (),
    }


def _kept(session: Session, plan: PlanView, changes: list[Any], now: datetime) -> list[str]:
    """The taken slots of turns that would change hands: they stay with who has them."""
    leaving = {(each.shift_id, who) for each in changes for who in each.leaving}
    if not leaving:
        return []
    turns = rotas.turns_named(session, plan.rota_id, leaving, now=now)
    return [say_instant(slot.start) for slot in rotas.taken_slots(session, turns, now=now)]


def _next_monday(now: datetime) -> Any:
    today = local_day(now)
    return today + timedelta(days=7 - today.weekday())


def _capital(fault: InvalidValue) -> str:
    reason = str(fault.fields["reason"])
    return reason[:1].upper() + reason[1:] + "."


def _back(
    session: Session,
    post: Post,
    rota_id: UUID,
    sentences: list[str],
    *,
    tone: str,
    keys: Keys,
    now: datetime,
) -> Response:
    kept = told.keep(session, sentences, tone=tone, keys=keys, by=post.actor, now=now)
    return see(f"{address(post, rota_id)}&dit={kept}")
