"""A doctor's own turns: what is his, exchanges, wishes, shifts to volunteer for, « pourquoi moi ? »."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import forms
from api.web.agenda import told
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import ToldQuery, frame
from api.web.desk_views import Option
from api.web.rendering import render, see
from api.web.rota import views
from api.web.rota.board import explained
from api.web.submitted import SubmittedDep
from slots.rota import service as rotas
from slots.rota.facts import Half
from slots.rota.terms import MOST_WEEKS, RotaView, ShiftView, SwapView, TurnView, WishKind, WishLine
from slots.rota.wording import HALVES, WEEKDAYS
from snp.errors import NotFound, SnpError
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

router = APIRouter(prefix="/agenda/gardes", include_in_schema=False)

PAGE: Final = "/agenda/gardes"
MOST_SHORT: Final = 20
WISHES: Final = (
    Option("", "Indifférent"),
    Option("always", "Toujours moi"),
    Option("3", "J’y tiens"),
    Option("1", "Plutôt oui"),
    Option("-1", "Plutôt non"),
    Option("-3", "Vraiment pas"),
    Option("never", "Jamais : je ne travaille pas"),
)


@router.get("")
def show(
    *, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep, dit: ToldQuery = None
) -> Response:
    """Show the turns to come, what colleagues propose, and what seeks a volunteer."""
    tone, sentences = told.said(session, dit, keys=keys, by=visit.actor, now=now)
    mine = rotas.list_rotas(session, practitioner_id=visit.practitioner).items
    return render(
        "rota/mine.html",
        rotas=[_rota(session, visit, each, now) for each in mine],
        told_tone=tone,
        told=sentences,
        wish_options=WISHES,
        **frame(session, visit, now),
    )


@router.get("/{turn_id}")
def one(
    *, turn_id: UUID, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep,
    dit: ToldQuery = None,
) -> Response:  # fmt: skip
    """Show one turn: why it is his, what everybody holds and is due, and to whom he may propose it."""
    shift, turn = _his(session, visit, turn_id)
    tone, sentences = told.said(session, dit, keys=keys, by=visit.actor, now=now)
    members = [
        each
        for each in rotas.list_members(session, shift.rota_id, now=now)
        if each.practitioner_id != visit.practitioner
    ]
    ahead = rotas.list_shifts(session, shift.rota_id, now, now + timedelta(weeks=MOST_WEEKS))
    theirs = [
        Option(
            f"{each.practitioner_id} {other.id}",
            f"{each.name} : {views.when(held)}",
        )
        for each in members
        for held in ahead
        for other in held.turns
        if other.practitioner_id == each.practitioner_id and held.id != shift.id
    ]
    free = [Option(str(each.practitioner_id), f"{each.name}, sans contrepartie") for each in members]
    return render(
        "rota/turn.html",
        turn=turn,
        when=views.when(shift),
        kinds=views.kind_words(shift),
        note=views.turn_note(turn),
        is_ahead=shift.start > now,
        swap_options=[*free, *theirs],
        told_tone=tone,
        told=sentences,
        typed={},
        errors={},
        **explained(session, shift, turn, now),
        **frame(session, visit, now),
    )


@router.post("/{turn_id}/proposer")
def propose(
    *,
    turn_id: UUID,
    visit: AgendaVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Propose a turn to a colleague, for one of his or for nothing."""
    _his(session, visit, turn_id)
    to_id, _, for_turn = form.texts.get("contre", "").partition(" ")
    who = forms.ident(to_id)
    if who is None:
        return _back(
            session,
            visit,
            ["Choisissez à qui proposer cette garde."],
            tone="alarm",
            keys=keys,
            now=now,
            turn_id=turn_id,
        )
    try:
        with session.begin_nested():
            rotas.propose_swap(
                session, turn_id, who, for_turn_id=forms.ident(for_turn), by=visit.actor, now=now
            )
    except SnpError as refusal:
        return _back(session, visit, [refusal.sentence], tone="alarm", keys=keys, now=now, turn_id=turn_id)
    return _back(
        session,
        visit,
        ["C’est proposé : votre collègue doit encore accepter."],
        tone="good",
        keys=keys,
        now=now,
    )


@router.post("/echanges/{swap_id}/{act}")
def reply(
    *, swap_id: UUID, act: str, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Accept or decline what a colleague proposes, or take one's own proposal back."""
    swap = rotas.get_swap(session, swap_id)
    whose = swap.from_id if act == "retirer" else swap.to_id
    if whose != visit.practitioner:
        raise NotFound("échange", swap_id)
    try:
        with session.begin_nested():
            sentences = _replied(session, visit, swap, act, now)
    except SnpError as refusal:
        return _back(session, visit, [refusal.sentence], tone="alarm", keys=keys, now=now)
    return _back(session, visit, sentences, tone="good", keys=keys, now=now)


@router.post("/volontaire/{shift_id}")
def volunteer(
    *, shift_id: UUID, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Offer to hold a shift that is short."""
    _in_his_rota(session, visit, rotas.get_shift(session, shift_id).rota_id)
    try:
        with session.begin_nested():
            offer = rotas.offer_to_hold(session, shift_id, visit.practitioner, by=visit.actor, now=now)
    except SnpError as refusal:
        return _back(session, visit, [refusal.sentence], tone="alarm", keys=keys, now=now)
    if offer.reply is None:
        sentence = "Merci. Le responsable du roulement confirme, puis la garde paraît ici."
    else:
        log(Event.ROTA_VOLUNTEER_TAKEN, shift_id=shift_id)
        sentence = "Merci : la garde est à vous."
    return _back(session, visit, [sentence], tone="good", keys=keys, now=now)


@router.post("/volontaire/{offer_id}/retirer")
def withdraw(
    *, offer_id: UUID, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Take one's offer back."""
    if rotas.get_offer(session, offer_id).practitioner_id != visit.practitioner:
        raise NotFound("proposition", offer_id)
    try:
        with session.begin_nested():
            rotas.withdraw_offer(session, offer_id, by=visit.actor, now=now)
    except SnpError as refusal:
        return _back(session, visit, [refusal.sentence], tone="alarm", keys=keys, now=now)
    return _back(session, visit, ["Votre proposition est retirée."], tone="good", keys=keys, now=now)


@router.post("/souhaits/{rota_id}")
def wishes(
    *,
    rota_id: UUID,
    visit: AgendaVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Write one's wishes for the plans to come."""
    _in_his_rota(session, visit, rota_id)
    known = {option.value for option in WISHES}
    lines = [
        _wish(day, half, told)
        for day in range(7)
        for half in Half
        if (told := form.texts.get(f"souhait_{day}_{half.value}", "")) in known and told
    ]
    rotas.set_wishes(session, rota_id, visit.practitioner, lines)
    return _back(
        session,
        visit,
        ["Vos souhaits sont notés pour les prochains roulements."],
        tone="good",
        keys=keys,
        now=now,
    )


def _rota(session: Session, visit: AgendaVisit, rota: RotaView, now: datetime) -> dict[str, object]:
    """What the page shows of one rota."""
    me = visit.practitioner
    shifts = rotas.list_shifts(session, rota.id, now - timedelta(hours=12), now + timedelta(weeks=MOST_WEEKS))
    by_turn = {turn.id: (shift, turn) for shift in shifts for turn in shift.turns}
    members = {each.practitioner_id: each for each in rotas.list_members(session, rota.id, now=now)}
    names = {ident: each.name for ident, each in members.items()}
    offers = {each.shift_id: each.id for each in rotas.list_offers(session, rota.id, practitioner_id=me)}
    swaps = rotas.list_swaps(session, rota_id=rota.id, practitioner_id=me, running=True)
    short = rotas.short_shifts(session, rota.id, now=now)[:MOST_SHORT]
    mine = members.get(me)
    return {
        "id": rota.id,
        "name": rota.details.name,
        "turns": [
            (turn.id, views.when(shift), views.kind_words(shift), views.turn_note(turn))
            for shift, turn in by_turn.values()
            if turn.practitioner_id == me and shift.end > now
        ],
        "asked": [(each.id, _swap_words(each, by_turn, names)) for each in swaps if each.to_id == me],
        "proposed": [(each.id, _swap_words(each, by_turn, names)) for each in swaps if each.from_id == me],
        "short": [_short(session, each, me, offers, now) for each in short],
        "typed": _wishes_typed(mine.wishes if mine else ()),
        "halves": _halves(rota),
    }


def _short(
    session: Session, shift: ShiftView, me: UUID, offers: dict[UUID, UUID], now: datetime
) -> dict[str, object]:
    kept = () if shift.id in offers else rotas.what_keeps(session, shift, me, now=now)
    return {
        "id": shift.id,
        "when": views.when(shift),
        "kinds": views.kind_words(shift),
        "offer": offers.get(shift.id),
        "why_not": " ".join(each.sentence for each in kept),
    }


def _swap_words(
    swap: SwapView, by_turn: dict[UUID, tuple[ShiftView, TurnView]], names: dict[UUID, str]
) -> str:
    def said(turn_id: UUID) -> str:
        return views.when(by_turn[turn_id][0]) if turn_id in by_turn else "une garde"

    given = said(swap.turn_id)
    if swap.for_turn_id is None:
        return f"{names.get(swap.from_id, '?')} cède à {names.get(swap.to_id, '?')} : {given}."
    return (
        f"{names.get(swap.from_id, '?')} donne : {given}. "
        f"{names.get(swap.to_id, '?')} donne : {said(swap.for_turn_id)}."
    )


def _halves(rota: RotaView) -> list[tuple[str, str]]:
    """The half-days of the week that the rota holds: the name of each field and its label."""
    found = sorted({(each.weekday, list(Half).index(each.half)) for each in rota.details.openings})
    halves = list(Half)
    return [
        (f"souhait_{day}_{halves[number].value}", f"{WEEKDAYS[day].capitalize()} {HALVES[halves[number]]}")
        for day, number in found
    ]


def _wishes_typed(lines: tuple[WishLine, ...]) -> dict[str, str]:
    return {
        f"souhait_{each.weekday}_{each.half.value}": (
            str(3 if each.points > 1 else -3 if each.points < -1 else each.points)
            if each.kind is WishKind.PREFER
            else each.kind.value
        )
        for each in lines
    }


def _wish(day: int, half: Half, told_value: str) -> WishLine:
    if told_value in set(WishKind):
        return WishLine(day, half, WishKind(told_value))
    return WishLine(day, half, WishKind.PREFER, int(told_value))


def _replied(session: Session, visit: AgendaVisit, swap: SwapView, act: str, now: datetime) -> list[str]:
    by = visit.actor
    match act:
        case "accepter":
            moved = rotas.accept_swap(session, swap.id, by=by, now=now)
            log(Event.ROTA_TURN_SWAPPED, rota_id=swap.rota_id)
            kept = len(moved.kept_slots)
            more = [f"Rendez-vous déjà pris, qui restent à qui les a : {kept}."] if kept else []
            return ["L’échange est fait.", *more]
        case "refuser":
            rotas.decline_swap(session, swap.id, by=by, now=now)
            return ["C’est refusé : chacun garde sa garde."]
        case "retirer":
            rotas.withdraw_swap(session, swap.id, by=by, now=now)
            return ["Votre proposition est retirée."]
        case _:
            raise NotFound("page", act)


def _his(session: Session, visit: AgendaVisit, turn_id: UUID) -> tuple[ShiftView, TurnView]:
    shift, turn = rotas.shift_of_turn(session, turn_id)
    if turn.practitioner_id != visit.practitioner:
        raise NotFound("garde", turn_id)
    return shift, turn


def _in_his_rota(session: Session, visit: AgendaVisit, rota_id: UUID) -> None:
    """Refuse a rota in which he takes no part as if it did not exist."""
    mine = rotas.list_rotas(session, practitioner_id=visit.practitioner).items
    if rota_id not in {each.id for each in mine}:
        raise NotFound("roulement", rota_id)


def _back(
    session: Session,
    visit: AgendaVisit,
    sentences: list[str],
    *,
    tone: str,
    keys: Keys,
    now: datetime,
    turn_id: UUID | None = None,
) -> Response:
    kept = told.keep(session, sentences, tone=tone, keys=keys, by=visit.actor, now=now)
    return see(f"{PAGE}{f'/{turn_id}' if turn_id else ''}?dit={kept}")
