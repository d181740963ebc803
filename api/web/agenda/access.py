"""Who else acts on an agenda, and which neighbours may use its slots: the practitioner says so here.

A delegate picks an agenda.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep, VisitDep, WiringDep
from api.security import service as security
from api.security.rights import Action, reach_of
from api.web.agenda.reading import write_day
from api.web.agenda.visit import AgendaVisit, OwnerVisitDep
from api.web.agenda.week import InfoQuery, choose_agenda, frame
from api.web.forms import Errors
from api.web.proving import keep_session
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.sharing import service as sharing
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import Forbidden, NotFound
from snp.platform.actors import Role

router = APIRouter(prefix="/agenda", include_in_schema=False)

UNKNOWN: Final = "Aucun compte de secrétariat n’a cet identifiant : demandez-en un à votre coordinateur"


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who acts on the agenda."""

    id: UUID
    name: str
    login: str
    since: str


@dataclass(frozen=True, slots=True)
class Lending:
    """A territory of his, the neighbours that it lends slots like his to, and whether his are among them."""

    id: UUID
    name: str
    neighbours: tuple[str, ...]
    lent: bool


@router.get("/acces")
def show(*, visit: OwnerVisitDep, session: SessionDep, now: NowDep, info: InfoQuery = None) -> Response:
    """List who acts on the agenda."""
    return _page(session, visit, now, info=info)


@router.post("/acces")
def grant(*, visit: OwnerVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Let a secretary's account act on the agenda."""
    reach_of(visit.actor, Action.DELEGATION_WRITE)
    login = form.texts.get("identifiant", "")
    found = security.find_account(session, login) if login else None
    if found is None or found.role is not Role.DELEGATE or not found.active:
        errors = {"identifiant": UNKNOWN if login else "Écrivez l’identifiant de votre secrétariat"}
        return _page(session, visit, now, typed=form.texts, errors=errors)
    security.grant_delegation(
        session, account_id=found.id, practitioner_id=visit.practitioner, by=visit.actor, now=now
    )
    return see("/agenda/acces", info="acces-donne")


@router.post("/acces/{delegation_id}/retirer")
def revoke(
    *, delegation_id: UUID, visit: OwnerVisitDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Take an access back, from now on."""
    reach_of(visit.actor, Action.DELEGATION_WRITE)
    security.revoke_delegation(session, delegation_id, by=visit.actor, now=now)
    return see("/agenda/acces", info="acces-retire")


@router.post("/acces/prets/{territory_id}")
def set_lending(
    *, territory_id: UUID, visit: OwnerVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Lend the slots given to a territory to its neighbours, or keep them for it, from now on."""
    reach_of(visit.actor, Action.PREFERENCES_WRITE)
    lent = form.texts.get("prete") == "oui"
    sharing.set_lending(session, visit.practitioner, territory_id, lent=lent, by=visit.actor, now=now)
    return see("/agenda/acces", info="pret-note")


@router.get("/choisir")
def choose(*, visit: VisitDep, session: SessionDep, now: NowDep) -> Response:
    """Show the agendas that a delegate was given."""
    if visit.actor.role is not Role.DELEGATE:
        raise Forbidden("only a delegate picks an agenda")
    return choose_agenda(session, visit, now=now)


@router.post("/choisir")
def act_for(
    *, visit: VisitDep, form: SubmittedDep, session: SessionDep, wiring: WiringDep, now: NowDep
) -> RedirectResponse:
    """Work on the agenda of a practitioner from now on."""
    if visit.actor.role is not Role.DELEGATE:
        raise Forbidden("only a delegate picks an agenda")
    try:
        chosen = UUID(form.texts.get("praticien", ""))
    except ValueError:
        raise NotFound("praticien") from None
    signed_in = security.act_for(session, visit.token, chosen, now=now)
    response = see("/agenda")
    keep_session(response, signed_in, wiring, now)
    return response


def _lendings(session: Session, visit: AgendaVisit, now: datetime) -> list[Lending]:
    """Return, for each of his territories, who is lent his slots and whether he keeps them."""
    practitioner = directory.get_practitioner(session, visit.practitioner, now=now)
    kept = {one.territory_id for one in sharing.opt_outs(session, visit.practitioner)}
    return [
        Lending(
            ident,
            directory.get_territory(session, ident).name,
            tuple(
                directory.get_territory(session, neighbour).name
                for neighbour in sharing.borrowers_of(session, ident, practitioner.profession)
            ),
            ident not in kept,
        )
        for ident in practitioner.territory_ids
    ]


def _page(
    session: Session,
    visit: AgendaVisit,
    now: datetime,
    *,
    info: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    rows = []
    for one in security.list_delegations(session, practitioner_id=visit.practitioner):
        account = security.get_account(session, one.account_id)
        since = write_day(local_day(one.granted_at))
        rows.append(Row(one.id, account.display_name, account.login, since))
    return render(
        "agenda/access.html",
        lendings=_lendings(session, visit, now),
        status=422 if errors else 200,
        info=info,
        rows=rows,
        typed=typed or {},
        errors=errors or {},
        **frame(session, visit, now),
    )
