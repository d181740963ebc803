"""What each step of a dossier offers: choices with what is already known filled in. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from api.web import dossier_views
from api.web.console import call_views
from api.web.console.decision_forms import DISPOSITIONS, LEVELS, MODES, PRIORITIES, STOPS
from api.web.desk_patient import AFTER_CALL, CALL_OPTIONS
from api.web.desk_views import Option
from regulation.intake import rules
from regulation.intake.facts import (
    CallPriority,
    Disposition,
    MoveView,
    RequestState,
    RequestView,
    ResponseLevel,
)
from regulation.intake.hours import outside
from snp.assignment.facts import Mode
from snp.directory import service as directory
from snp.directory.territory_settings import ALLOWED_DELAYS_HOURS

OVER: Final = rules.FINAL_STATES
STOP_OPTIONS: Final = tuple(Option(code, code) for code in STOPS)

_WAITS: Final = {
    RequestState.TO_ESTIMATE: "L’opérateur SNP évalue le délai de ce dossier.",
    RequestState.TO_DECIDE: "Le médecin régulateur décide de l’orientation de ce dossier.",
    RequestState.UNSERVED: "Aucun créneau dans le délai : le médecin régulateur peut décider à nouveau.",
    RequestState.SEEKING: "L’opérateur SNP cherche un créneau pour ce dossier.",
    RequestState.HELD: "Un créneau est retenu pour ce dossier, en attente de confirmation.",
}


def mt(session: Session, view: RequestView, now: datetime) -> dict[str, Any]:
    """Return the médecin traitant questions."""
    return {
        "typed": {"rdv": "non"},
        "mt_options": call_views.MT,
        "call_options": CALL_OPTIONS if view.state is RequestState.RECEIVED else AFTER_CALL,
        "held_options": call_views.HELD,
        "deadline": dossier_views.deadline(session, view, now),
    }


def estimate(session: Session, view: RequestView) -> dict[str, Any]:
    """Return the estimate of the OSNP, on the territory's usual delay."""
    return {
        "typed": {
            "delai": str(view.estimated_delay_h or _usual_delay(session, view)),
            "priorite": view.priority or CallPriority.P2,
        },
        **_delays(),
    }


def decision(session: Session, view: RequestView, now: datetime) -> dict[str, Any]:
    """Return the decision of the régulateur, on what the OSNP estimated and what is usual."""
    settings = directory.get_territory(session, view.territory_id).settings
    return {
        "typed": {
            "disposition": Disposition.SNP_CONSULTATION,
            "delai": str(view.estimated_delay_h or settings.default_delay_hours),
            "priorite": view.priority or CallPriority.P2,
            "niveau": ResponseLevel.R3,
            "lieu": Mode.AMB,
            "profession": next(iter(view.professions), rules.GENERAL_PRACTITIONER),
            "motif": view.reason or "",
        },
        "dispositions": [Option(one, label) for one, label in DISPOSITIONS.items()],
        "levels": [Option(one, label) for one, label in LEVELS.items()],
        "modes": [Option(one, label) for one, label in MODES.items()],
        "professions": [Option(one.code, one.label) for one in directory.list_professions(session)],
        "reasons": call_views.reason_options(now),
        "usual_km": f"{settings.default_max_km:g}".replace(".", ","),
        "closed": " ".join(reason.sentence for reason in outside(settings.snp_hours, now)),
        "anew": view.state is RequestState.UNSERVED,
        **_delays(),
    }


def waiting(view: RequestView) -> dict[str, Any]:
    """Return whom a dossier waits for."""
    return {"sentence": _WAITS[view.state]}


def ended(view: RequestView, story: Sequence[MoveView]) -> dict[str, Any]:
    """Return how a dossier ended; `number`: whom to call when it must be at once."""
    stopped = view.disposition in {Disposition.CALL_15, Disposition.SMUR}
    told = dossier_views.ended(view, story)
    if view.disposition is not None and view.disposition in DISPOSITIONS:
        told["heading"] = f"Orienté : {DISPOSITIONS[view.disposition]}"
    if stopped:
        told["heading"] = "Passez l’appel au 15"
    return {**told, "stopped": stopped, "is_pdsa": view.disposition is Disposition.PDSA}


def _usual_delay(session: Session, view: RequestView) -> int:
    return directory.get_territory(session, view.territory_id).settings.default_delay_hours


def _delays() -> dict[str, Any]:
    return {
        "delays": [Option(str(hours), f"{hours}\u00a0h") for hours in ALLOWED_DELAYS_HOURS],
        "priorities": [Option(one, label) for one, label in PRIORITIES.items()],
    }
