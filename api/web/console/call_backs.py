"""The calls back to make: without a slot in time, waiting for one, told to call their doctor first, seen.

One tap says what the call gave. Identities are opened here, audited: somebody has to be called by his name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import wording
from api.web.console import queue_views
from api.web.console.dossier import address
from api.web.console.visits import ConsoleDep, powers_of
from api.web.forms import MtChoice, read_mt_call
from api.web.reasons import reason_label
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.intake import service as intake
from regulation.intake.facts import CallBack, PatientTraits, RequestFilter, RequestState, RequestView
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, CancelledBy
from snp.days import local_day, say_relative
from snp.platform.actors import Actor
from snp.platform.keys import Keys

router = APIRouter(prefix="/regulation", include_in_schema=False)

ROWS: Final = 30
FOLLOWED: Final = timedelta(days=3)
"""How long after an appointment its outcome may still be asked for here."""

_WHY: Final = "liste des patients à rappeler"
_RENOUNCED: Final = "le patient renonce, dit au rappel"


@dataclass(frozen=True, slots=True)
class CallBackRow:
    """Somebody to call back. `tries`: what earlier calls gave."""

    id: UUID
    name: str
    phone: str
    phone_dialled: str
    number: str
    reason: str
    left: str
    tone: str
    tries: str


@dataclass(frozen=True, slots=True)
class Group:
    """Why these are called, in which words, and what a tap may say."""

    code: str
    heading: str
    empty: str
    rows: tuple[CallBackRow, ...]
    more: bool = False


_GROUPS: Final[Mapping[RequestState, tuple[str, str, str]]] = {
    RequestState.UNSERVED: (
        "sans-creneau",
        "Sans créneau dans le délai",
        "Tous les dossiers ont trouvé un créneau à temps.",
    ),
    RequestState.SEEKING: ("en-recherche", "En attente d’un créneau", "Aucun dossier n’attend de créneau."),
    RequestState.WAITING_MT: (
        "mt",
        "Médecin traitant d’abord : à reprendre",
        "Personne n’a été renvoyé vers son médecin traitant.",
    ),
}


@router.get("/rappels")
def show(
    *,
    visit: ConsoleDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show whom to call back."""
    facts = _lists(session, keys=keys, by=visit.actor, now=now)
    return render("regulation/call_backs.html", visit=visit, info=info, may=powers_of(visit.actor), **facts)


@router.post("/dossiers/{request_id}/rappel")
def tell(
    *, request_id: UUID, visit: ConsoleDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Record what a call back gave: no answer, given up, or what the médecin traitant said."""
    actor, said = visit.actor, form.texts.get("issue", "")
    try:
        with session.begin_nested():
            if not _told(session, request_id, said, by=actor, now=now):
                return see(address(request_id))
    except IllegalMove:
        return see(address(request_id), info="dossier-avance")
    return see("/regulation/rappels", info="rappel-note")


def _told(session: Session, request_id: UUID, said: str, *, by: Actor, now: datetime) -> bool:
    if said in set(CallBack):
        reach_of(by, Action.REQUEST_CORRECT)
        intake.record_call_back(session, request_id, CallBack(said), by=by, now=now)
        return True
    if said == "renonce":
        reach_of(by, Action.REQUEST_CANCEL)
        orientation.cancel_request(
            session, request_id, _RENOUNCED, cancelled_by=CancelledBy.REGULATION, by=by, now=now
        )
        return True
    answers = read_mt_call({"mt_appel": said}).value if said != MtChoice.NOT_CALLED else None
    if answers is None:
        return False
    reach_of(by, Action.REQUEST_RESUME)
    intake.resume(session, request_id, by=by, now=now)
    intake.check_mt(session, request_id, answers, by=by, now=now)
    return True


def _lists(session: Session, *, keys: Keys, by: Actor, now: datetime) -> dict[str, Any]:
    pages = {
        state: intake.list_requests(
            session, RequestFilter(states=frozenset({state})), limit=ROWS, by=by, now=now
        )
        for state in _GROUPS
    }
    seen = _to_follow(session, by, now)
    views = [*(view for page in pages.values() for view in page.items), *seen]
    ids = [view.id for view in views]
    traits = intake.read_identities(session, ids, keys=keys, why=_WHY, by=by, now=now)
    tries = intake.told_call_backs(session, ids)
    rows = {view.id: _row(view, traits[view.id], tries.get(view.id, ()), now) for view in views}
    groups = [
        Group(
            *_GROUPS[state],
            rows=tuple(rows[view.id] for view in page.items),
            more=page.next_cursor is not None,
        )
        for state, page in pages.items()
    ]
    followed = Group(
        "suivi",
        "Rendez-vous passés : le patient est-il venu ?",
        "Aucun rendez-vous n’attend de suivi.",
        tuple(rows[view.id] for view in seen),
    )
    return {"groups": [*groups, followed]}


def _to_follow(session: Session, by: Actor, now: datetime) -> list[RequestView]:
    """Return the booked dossiers whose appointment has started, and whose outcome nobody told."""
    query = AppointmentFilter(
        territory_ids=by.territories,
        statuses=frozenset({AppointmentStatusKind.BOOKED}),
        live=True,
        starts_from=now - FOLLOWED,
        starts_before=now,
    )
    started = appointments.list_appointments(session, query, limit=ROWS).items
    ids = [one.request_id for one in started]
    found = [intake.get_request(session, one, by=by, now=now) for one in dict.fromkeys(ids)]
    return [view for view in found if view.state is RequestState.BOOKED]


def _row(view: RequestView, traits: PatientTraits, tries: tuple[datetime, ...], now: datetime) -> CallBackRow:
    left, tone = queue_views.time_left(view, now)
    return CallBackRow(
        id=view.id,
        name=wording.full_name(traits),
        phone=wording.phone(traits.phone),
        phone_dialled=traits.phone or "",
        number=view.number,
        reason=reason_label(view.reason, local_day(now)),
        left=left,
        tone=tone,
        tries=_tries(tries, now),
    )


def _tries(tries: tuple[datetime, ...], now: datetime) -> str:
    if not tries:
        return ""
    times = "1 rappel" if len(tries) == 1 else f"{len(tries)} rappels"
    return f"{times}, le dernier {say_relative(tries[-1], now)}"
