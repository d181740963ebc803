"""On what grounds a patient comes to a physiotherapist, as the desk's form asks: only of a physiotherapist.

A doctor's referral is a diagnosis: he is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from sqlmodel import Session

from api.web import forms
from api.web.desk_views import Option
from api.web.forms import Errors, Reading
from api.web.series.past_days import read_past_day
from regulation.series import keeping
from regulation.series.facts import PHYSIO, SeriesTerms
from snp.platform.actors import Actor

OPTIONS: Final = (
    Option("oui", "Oui", "prescription, compte rendu, affection de longue durée…"),
    Option("non", "Non, accès direct", "8 séances au plus par épisode de 3 mois"),
)
CONTINUITY: Final = "continuity"


def asks(by: Actor) -> bool:
    """Tell whether the grounds are asked for."""
    return by.profession == PHYSIO


def usual_options(session: Session, by: Actor, reason: str, now: datetime) -> list[Option]:
    """Return who may be the usual physiotherapist of a patient whose own is away.

    Nobody for other reasons.
    """
    if reason != CONTINUITY:
        return []
    found = {
        one.id: one.full_name
        for territory in sorted(by.territories)
        for one in keeping.physios(session, territory, now)
    }
    return [Option(str(ident), name) for ident, name in found.items()]


def read(typed: Mapping[str, str], by: Actor, today: date) -> Reading[SeriesTerms | None]:
    """Read the grounds; None for a desk that has none."""
    usual = forms.ident(typed.get("habituel"))
    if by.practitioner is None:
        return Reading(None)
    if not asks(by):
        return Reading(SeriesTerms(usual_practitioner_id=usual))
    errors: Errors = {}
    diagnosed = {"oui": True, "non": False}.get(typed.get("diagnostic", ""))
    if diagnosed is None:
        errors["diagnostic"] = "Dites s’il y a une prescription ou un diagnostic médical préalable"
    days = {name: _day(typed, name, today, errors) for name in ("diagnostic_le", "premiere_le")}
    count = typed.get("seances_ailleurs", "") or "0"
    if not (count.isascii() and count.isdigit()):
        errors["seances_ailleurs"] = "Indiquez un nombre de séances"
        count = "0"
    elif int(count) and days["premiere_le"] is None and "premiere_le" not in errors and not diagnosed:
        errors["premiere_le"] = "Indiquez la date de la première de ces séances"
    if errors:
        return Reading(None, errors)
    return Reading(
        SeriesTerms(
            diagnosed=diagnosed,
            diagnosed_on=days["diagnostic_le"] if diagnosed else None,
            sessions_elsewhere=0 if diagnosed else int(count),
            first_elsewhere_on=None if diagnosed or not int(count) else days["premiere_le"],
            usual_practitioner_id=usual,
        )
    )


def _day(typed: Mapping[str, str], name: str, today: date, errors: Errors) -> date | None:
    found = read_past_day(typed.get(name, ""), today)
    if isinstance(found, str):
        errors[name] = found
        return None
    return found
