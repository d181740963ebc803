"""One series: who, on what grounds, its sessions and sheet, and what may be done with it now."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.agenda import told
from api.web.agenda.visit import AgendaVisit
from api.web.agenda.week import ToldQuery, frame
from api.web.desk_views import Option
from api.web.rendering import render
from api.web.series import views
from api.web.series.visit import CarerDep
from regulation.series import keeping
from regulation.series import service as series
from regulation.series.facts import SeriesCard
from regulation.series.rules import begun, to_come
from snp.directory import service as directory

router = APIRouter(prefix="/series/{request_id}", include_in_schema=False)


@router.get("")
def show(
    *,
    request_id: UUID,
    visit: CarerDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    dit: ToldQuery = None,
) -> Response:
    """Show a series, as far as the visitor has a part in it."""
    by = visit.actor
    card = series.get_series(session, request_id, by=by)
    traits = series.read_patients(session, [request_id], keys=keys, why=views.WHY_ONE, by=by, now=now)[
        request_id
    ]
    tone, sentences = told.said(session, dit, keys=keys, by=by, now=now)
    sheet, sheet_tone = views.sheet_state(card, now)
    closed = card.series.closed_as
    return render(
        "series/one.html",
        here=f"/series/{request_id}",
        who=f"{wording.full_name(traits)}, {wording.born(traits)}",
        phone=wording.phone(traits.phone),
        indication=views.indication(card.series.indication),
        grounds=_grounds(card),
        sessions=views.session_rows(session, card, by=by, now=now),
        is_open=card.series.is_open,
        ended="" if closed is None else views.ENDS[closed],
        chosen=name_of(session, card.series.chosen_practitioner_id, now),
        usual=name_of(session, card.series.usual_practitioner_id, now),
        holder=name_of(session, card.series.practitioner_id, now),
        holds=series.holds(card, by),
        is_his=visit.is_his,
        sheet=sheet,
        sheet_tone=sheet_tone,
        has_sheet=card.sheet is not None,
        sheet_finished=card.sheet is not None and card.sheet.finished_at is not None,
        told_tone=tone,
        told=sentences,
        **_acts(session, visit, card, now),
        **{key: value for key, value in frame(session, visit, now).items() if key != "is_his"},
    )


def _acts(session: Session, visit: AgendaVisit, card: SeriesCard, now: datetime) -> dict[str, Any]:
    """Return what may be done with a series now."""
    by, request_id = visit.actor, card.series.request_id
    offer = series.offer_of(session, request_id, by=by)
    mine = card.series.is_open and card.series.practitioner_id == by.practitioner
    to_me = offer is not None and offer.to_practitioner_id == by.practitioner
    offered = next((one for one in series.offers_to(session, by=by, now=now) if one.offer == offer), None)
    rest = to_come(card.sessions, now)
    colleagues = [
        Option(str(one.id), one.full_name)
        for one in keeping.physios(session, card.series.territory_id, now)
        if one.id != by.practitioner
    ]
    return {
        "rest": len(rest),
        "addable": views.slot_choices(series.addable_slots(session, request_id, by=by, now=now))
        if mine
        else [],
        "mine": mine,
        "offer": offer,
        "offered_to": "" if offer is None else name_of(session, offer.to_practitioner_id, now),
        "offered_by": "" if offer is None else name_of(session, offer.from_practitioner_id, now),
        "offer_reason": "" if offer is None else views.REASONS[offer.reason],
        "offer_to_me": to_me,
        "ways": views.way_choices(offered.ways) if offered else [],
        "may_end": mine and not rest and bool(begun(card.sessions, now)),
        "colleagues": colleagues if mine and offer is None else [],
        "pass_reasons": views.reason_options(),
    }


def _grounds(card: SeriesCard) -> str:
    if card.series.diagnosed:
        return "Sur prescription ou diagnostic médical préalable"
    told_elsewhere = card.series.sessions_elsewhere
    more = f", {told_elsewhere} séance(s) faite(s) ailleurs" if told_elsewhere else ""
    return f"Accès direct, sans diagnostic médical préalable{more}"


def name_of(session: Session, ident: UUID | None, now: datetime) -> str:
    """Return the name of a carer; nothing for nobody."""
    return "" if ident is None else directory.get_practitioner(session, ident, now=now).full_name
