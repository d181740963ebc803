"""What patients ask of their data by the link of an appointment; the delegate says when he has answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from api.deps import NowDep, SessionDep
from api.persons import asking
from api.persons.facts import AskedView, PersonRight
from api.security.rights import Action, narrowed
from api.web.protection.visits import ProtectionDep
from api.web.rendering import render, see
from snp.days import local

router = APIRouter(prefix="/protection/demandes", include_in_schema=False)

ROWS: Final = 30
_MOST: Final = 100_000
_WANTED: Final = {
    PersonRight.ACCESS: "Savoir ce qui est gardé (art. 15)",
    PersonRight.RECTIFY: "Corriger une erreur (art. 16)",
    PersonRight.ERASE: "Effacer l’identité (art. 17)",
}


@dataclass(frozen=True, slots=True)
class Row:
    """What is asked for, in words; `answered` is empty while it waits."""

    ident: UUID
    wanted: str
    number: str
    asked: str
    due: str
    late: bool
    answered: str


@router.get("")
def show(
    *,
    visit: ProtectionDep,
    session: SessionDep,
    now: NowDep,
    apres: Annotated[int, Query(ge=0, le=_MOST)] = 0,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """List what waits, the oldest first, then what was answered."""
    territories, _ = narrowed(visit.actor, Action.PERSON_READ)
    found = asking.list_asked(session, territories, skip=apres, limit=ROWS + 1)
    return render(
        "protection/asked.html",
        visit=visit,
        info=info,
        rows=[_row(one, now) for one in found[:ROWS]],
        after=apres + ROWS if len(found) > ROWS else None,
    )


@router.post("/{ask_id}/repondue")
def answered(*, ask_id: UUID, visit: ProtectionDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Note that the person was answered. Raises `NotFound` out of reach."""
    territories, _ = narrowed(visit.actor, Action.PERSON_WRITE)
    asking.answer(session, ask_id, territories, by=visit.actor, now=now)
    return see("/protection/demandes", info="demande-repondue")


def _row(one: AskedView, now: datetime) -> Row:
    due = asking.due_on(one.asked_at)
    return Row(
        ident=one.id,
        wanted=_WANTED[one.right],
        number=one.number,
        asked=_day(one.asked_at),
        due=_day(due),
        late=one.answered_at is None and now > due,
        answered=_day(one.answered_at) if one.answered_at else "",
    )


def _day(instant: datetime) -> str:
    return local(instant).strftime("%d/%m/%Y")
