"""What a dossier's page shows at the console, whatever its state: patient, call, story. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from api.web.console import call_views
from api.web.console.call_views import SameRow
from api.web.console.queue_views import time_left
from api.web.reasons import reason_label
from regulation.intake import service as intake
from regulation.intake.facts import CallBack, ConfidentialPart, Move, MoveView, RequestView
from regulation.intake.rules import STATE_LABELS
from snp.days import local_day, say_relative
from snp.directory import service as directory
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys

WHY_READ: Final = "dossier ouvert à la console de régulation"

ROLES: Final[Mapping[str, str]] = {
    Role.ARM: "ARM",
    Role.OSNP: "opérateur SNP",
    Role.REGULATEUR: "médecin régulateur",
    Role.PHARMACY: "pharmacie",
    Role.NURSE_PRACTICE: "cabinet infirmier",
    Role.PRACTITIONER: "praticien",
    Role.DELEGATE: "secrétariat",
    Role.PATIENT: "patient",
    Role.SYSTEM: "le service",
}
_MOVES: Final[Mapping[Move, str]] = {
    Move.OPEN: "Dossier ouvert",
    Move.CHECK_MT: "Médecin traitant vérifié",
    Move.WAIT_MT: "À appeler : le médecin traitant d’abord",
    Move.RESUME: "Dossier repris",
    Move.ESTIMATE: "Délai évalué",
    Move.DECIDE: "Décision : chercher un créneau",
    Move.STOP: "Arrêté vers le 15",
    Move.ORIENT: "Orienté",
    Move.ADVISE: "Conseil médical",
    Move.HOLD: "Créneau retenu",
    Move.HOLD_ENDED: "Créneau rendu",
    Move.BOOK: "Rendez-vous pris",
    Move.REOPEN: "Recherche reprise",
    Move.HONOUR: "Patient venu",
    Move.NO_SHOW: "Patient non venu",
    Move.CANCEL: "Annulé",
    Move.GIVE_UP: "Sans créneau dans le délai",
    Move.CORRECT: "Corrigé",
}
_CALLED: Final[Mapping[str, str]] = {
    CallBack.NO_ANSWER: "Rappel sans réponse",
    CallBack.REACHED: "Patient rappelé",
}


@dataclass(frozen=True, slots=True)
class Case:
    """Who a dossier is about and where it stands."""

    id: UUID
    version: int
    number: str
    name: str
    born: str
    age: str
    phone: str
    commune: str
    caller: str
    note: str
    reason: str
    state: str
    priority: str
    level: str
    deadline: str
    left: str
    tone: str
    others: tuple[SameRow, ...]


@dataclass(frozen=True, slots=True)
class StoryRow:
    """One line of a dossier's story."""

    at: str
    what: str
    who: str
    reasons: tuple[str, ...]


def case(session: Session, request: RequestView, *, keys: Keys, by: Actor, now: datetime) -> Case:
    """Return who a dossier is about; opens the identity, audited."""
    opened = intake.read_confidential(session, request.id, keys=keys, why=WHY_READ, by=by, now=now)
    traits = opened.identity.traits
    found = intake.find_duplicates(
        session, request.territory_id, traits, reason=request.reason, keys=keys, by=by, now=now
    )
    left, tone = time_left(request, now)
    return Case(
        id=request.id,
        version=request.version,
        number=request.number,
        name=wording.full_name(traits),
        born=wording.born(traits),
        age=wording.age(traits.birth_date, local_day(now)),
        phone=wording.phone(traits.phone),
        commune=directory.get_commune(session, request.insee).name,
        caller=_caller(opened),
        note=opened.note or "",
        reason=reason_label(request.reason, local_day(now)),
        state=wording.capital(STATE_LABELS[request.state]),
        priority=request.priority.value if request.priority else "",
        level=request.response_level.value if request.response_level else "",
        deadline=wording.until(request.deadline, now) if request.deadline else "",
        left=left,
        tone=tone,
        others=tuple(call_views.duplicate(one, now) for one in found if one.request.id != request.id),
    )


def story(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> list[StoryRow]:
    """Return every move of a dossier, the last first."""
    moves = intake.story(session, request_id, by=by, now=now)
    return [story_row(move, now) for move in reversed(moves)]


def story_row(move: MoveView, now: datetime) -> StoryRow:
    """Return one move in words."""
    called = _CALLED.get(str(move.data.get("call_back")))
    return StoryRow(
        at=say_relative(move.at, now),
        what=called or _MOVES[move.move],
        who=ROLES.get(move.role, move.role),
        reasons=tuple(reason.sentence for reason in move.reasons),
    )


def _caller(opened: ConfidentialPart) -> str:
    if opened.caller is None:
        return ""
    relation = f" ({opened.caller.relation})" if opened.caller.relation else ""
    return f"{opened.caller.name}{relation}"
