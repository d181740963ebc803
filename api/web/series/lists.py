"""A carer's lists of series: those he holds, those that are over, those of the patients he sent."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.agenda import told
from api.web.agenda.week import ToldQuery, frame
from api.web.rendering import render, see
from api.web.series import views
from api.web.series.visit import CarerDep, PhysioDep, done, is_physio
from api.web.submitted import SubmittedDep
from regulation.series import service as series
from snp.days import say_instant

router = APIRouter(prefix="/series", include_in_schema=False)

ROWS: Final = 25


@router.get("")
def show(
    *,
    visit: CarerDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    vue: Annotated[Literal["", "terminees", "adresses"], Query()] = "",
    suite: Annotated[str | None, Query(max_length=300)] = None,
    dit: ToldQuery = None,
) -> Response:
    """List series. A doctor sees those of his patients; a physiotherapist first what waits for him."""
    by = visit.actor
    physio = is_physio(visit.page)
    vue = vue if physio else "adresses"
    if vue == "adresses":
        page = series.list_brought(session, cursor=suite, limit=ROWS, by=by, now=now)
    else:
        page = series.list_held(session, is_open=vue == "", cursor=suite, limit=ROWS, by=by)
    first = vue == "" and suite is None and physio
    offers = series.offers_to(session, by=by, now=now) if first else ()
    relayed = series.sessions_to_take(session, by=by, now=now) if first else ()
    tone, sentences = told.said(session, dit, keys=keys, by=by, now=now)
    return render(
        "series/list.html",
        vue=vue,
        physio=physio,
        rows=views.rows(session, page.items, keys=keys, by=by, now=now),
        following=page.next_cursor,
        first=suite is None,
        offers=[(one.card.series.request_id, views.indication(one.card.series.indication)) for one in offers],
        relayed=[
            (
                one.relay.id,
                one.appointment.id,
                views.indication(one.indication),
                wording.capital(say_instant(one.appointment.start)),
            )
            for one in relayed
        ],
        told_tone=tone,
        told=sentences,
        **frame(session, visit, now),
    )


@router.get("/relais/{relay_id}/{appointment_id}")
def relay_slots(
    *, relay_id: UUID, appointment_id: UUID, visit: PhysioDep, session: SessionDep, now: NowDep
) -> Response:
    """Show one's own slots that may take the place of a session of who is away."""
    found = series.relay_slots(session, relay_id, appointment_id, by=visit.actor, now=now)
    return render(
        "series/slots.html",
        heading="Prendre cette séance en relais",
        sentence="La séance passe sur un de vos créneaux ; le patient est prévenu. La suite de la série "
        "revient à son kinésithérapeute.",
        nothing="Aucun de vos créneaux libres ne convient pendant le relais : publiez-en un, puis revenez.",
        slots=views.slot_choices(found),
        action=f"/series/relais/{relay_id}/{appointment_id}",
        back="/series",
        **frame(session, visit, now),
    )


@router.post("/relais/{relay_id}/{appointment_id}")
def take(
    *,
    relay_id: UUID,
    appointment_id: UUID,
    visit: PhysioDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Take a session of who is away."""
    slots = slots_of(form.texts.get("creneau", ""))
    if len(slots) != 1:
        return see(f"/series/relais/{relay_id}/{appointment_id}")

    def act() -> object:
        return series.take_session(
            session, relay_id, appointment_id, slots[0], keys=keys, by=visit.actor, now=now
        )

    said = "La séance est à vous ; le patient est prévenu."
    return done(session, visit, "/series", act, said, keys=keys, now=now)


def slots_of(typed: str) -> tuple[UUID, ...]:
    """Return the slots of one button; none when it holds something else."""
    try:
        return tuple(UUID(one) for one in typed.split()[:3])
    except ValueError:
        return ()
