"""What the form of a call shows: reasons, choices, the same patient's other dossiers. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from api.web import wording
from api.web.desk_patient import CALL_OPTIONS
from api.web.desk_views import Option
from api.web.dossier_views import SAME_PATIENT
from api.web.reasons import reason_label
from regulation.intake.facts import Duplicate, Sex
from regulation.intake.rules import STATE_LABELS
from regulation.triage.lists import counter_list, physio_list
from snp.days import local_day, say_relative

SEXES: Final = (Option(Sex.FEMALE, "Femme"), Option(Sex.MALE, "Homme"), Option(Sex.UNKNOWN, "Non précisé"))
GRAVITY: Final = (
    Option("aucune", "Rien de repéré"),
    Option("p0", "P0", "détresse vitale"),
    Option("r1", "R1", "urgence vitale"),
    Option("r2", "R2", "urgence vraie"),
)
MT: Final = (Option("non", "Non"), Option("oui", "Oui"), Option("inconnu", "Ne sait pas"))
HELD: Final = (Option("non", "Non"), Option("oui", "Oui"))


@dataclass(frozen=True, slots=True)
class SameRow:
    """Another dossier of what looks like the same patient; no identity in it."""

    id: UUID
    number: str
    state: str
    same: str
    reason: str
    opened: str
    starts: str


def lists(now: datetime) -> dict[str, Any]:
    """Return the choices of the form."""
    return {
        "sexes": SEXES,
        "gravities": GRAVITY,
        "mt_options": MT,
        "call_options": CALL_OPTIONS,
        "held_options": HELD,
        "reasons": reason_options(now),
    }


def reason_options(now: datetime) -> list[Option]:
    """Return the reasons in force that a call may name, those of the counter first; the first names none."""
    today = local_day(now)
    found = {
        reason.code: reason.label
        for one in (counter_list(today), physio_list(today))
        for reason in one.reasons
    }
    return [Option("", "Non précisé"), *(Option(code, label) for code, label in found.items())]


def reason_codes(now: datetime) -> frozenset[str]:
    """Return the codes that a form may hold."""
    return frozenset(option.value for option in reason_options(now) if option.value)


def duplicate(one: Duplicate, now: datetime) -> SameRow:
    """Return another dossier as it is shown before a new one is saved."""
    request = one.request
    starts = [f"rendez-vous {say_relative(start, now)}" for start in one.starts if start >= now]
    return SameRow(
        id=request.id,
        number=request.number,
        state=STATE_LABELS[request.state],
        same=SAME_PATIENT[one.same],
        reason=reason_label(request.reason, local_day(now)),
        opened=wording.until(request.created_at, now),
        starts=", ".join(starts),
    )
