"""The journal of accesses as the delegate reads it: newest first, narrowed by dossier, act and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.persons import service as persons
from api.persons.facts import JournalLine, JournalQuery
from api.security import service as security
from api.web.amounts import read_day
from api.web.protection.visits import ProtectionDep
from api.web.rendering import render
from regulation.intake import service as intake
from snp.days import day_bounds, local
from snp.errors import NotFound
from snp.platform.actors import Actor

router = APIRouter(prefix="/protection", include_in_schema=False)

ROWS: Final = 50
ACTIONS: Final = {
    "read": "Lecture",
    "search": "Recherche",
    "create": "Création",
    "change": "Modification",
    "print": "Impression",
    "export": "Export",
    "forget": "Effacement",
    "reseal": "Rechiffrement",
    "emergency": "Accès d’urgence",
}
ROLES: Final = {
    "arm": "ARM",
    "osnp": "opérateur SNP",
    "regulateur": "médecin régulateur",
    "pharmacy": "pharmacie",
    "nurse_practice": "cabinet infirmier",
    "practitioner": "professionnel",
    "delegate": "secrétaire",
    "dpo": "délégué",
    "patient": "patient",
    "system": "tâche de fond",
}


WITHOUT_NAME: Final = {
    "account": "Compte supprimé",
    "key": "Clé de l’API",
    "system": "Le service",
    "patient": "Le patient",
    "link": "Par un lien",
    "feed": "Par un agenda",
}
RESOURCES: Final = {
    "mt_entry": "liste médecin traitant",
    "audit": "journal",
    "right_asked": "demande d’un patient",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words."""

    when: str
    who: str
    role: str
    act: str
    what: str
    why: str


@router.get("")
def show(
    *,
    visit: ProtectionDep,
    session: SessionDep,
    now: NowDep,
    dossier: Annotated[str, Query(max_length=40)] = "",
    acte: Annotated[str, Query(max_length=20)] = "",
    du: Annotated[str, Query(max_length=10)] = "",
    au: Annotated[str, Query(max_length=10)] = "",
    avant: Annotated[int | None, Query(ge=1)] = None,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show who did what with the data of which patient."""
    errors: dict[str, str] = {}
    since, until = _day(du, "du", errors), _day(au, "au", errors)
    patient_id = _patient(session, dossier.strip(), visit.actor, errors, now)
    found: list[JournalLine] = []
    if not errors:
        wanted = JournalQuery(
            patient_id=patient_id,
            action=acte if acte in ACTIONS else None,
            since=day_bounds(since)[0] if since else None,
            until=day_bounds(until + timedelta(days=1))[0] if until else None,
        )
        found = persons.read_journal(session, wanted, before=avant, limit=ROWS + 1, by=visit.actor, now=now)
    shown = found[:ROWS]
    return render(
        "protection/journal.html",
        visit=visit,
        info=info,
        rows=[_row(line, _names(session, shown)) for line in shown],
        after=shown[-1].id if len(found) > ROWS else None,
        actions=ACTIONS,
        typed={"dossier": dossier, "acte": acte, "du": du, "au": au},
        errors=errors,
    )


def _day(typed: str, name: str, errors: dict[str, str]) -> date | None:
    if not typed:
        return None
    told = read_day(typed)
    if isinstance(told, str):
        errors[name] = told
        return None
    return told


def _patient(session: Session, number: str, by: Actor, errors: dict[str, str], now: datetime) -> UUID | None:
    if not number:
        return None
    try:
        return intake.request_of_number(session, number, by=by, now=now).patient_id
    except NotFound:
        errors["dossier"] = "Aucun dossier de ce numéro dans votre territoire"
        return None


def _names(session: Session, lines: list[JournalLine]) -> dict[str, str]:
    """The accounts of these lines by name: the delegate must be able to ask them."""
    idents = {line.actor.removeprefix("account:") for line in lines if line.actor.startswith("account:")}
    accounts = security.accounts_named(session, {UUID(ident) for ident in idents})
    return {f"account:{one.id}": one.display_name for one in accounts}


def _row(line: JournalLine, names: dict[str, str]) -> Row:
    return Row(
        when=local(line.at).strftime("%d/%m/%Y %H:%M:%S"),
        who=names.get(line.actor) or WITHOUT_NAME.get(line.actor.partition(":")[0], line.actor),
        role=ROLES.get(line.role, line.role),
        act=ACTIONS.get(line.action, line.action),
        what=f"dossier {line.number}" if line.number else RESOURCES.get(line.resource, ""),
        why=line.why,
    )
