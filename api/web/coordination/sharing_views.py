"""Agreements as the coordinator's page says them: what, when, how many, how they stand. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.web.coordination.sharing_forms import AUDIENCES, DAYS
from slots.sharing.facts import SharingState, SharingView, Terms
from snp.days import local_day

_STATES: Final = {
    SharingState.OFFERED: ("proposé", "todo"),
    SharingState.ACCEPTED: ("en cours", "good"),
    SharingState.DECLINED: ("refusé", ""),
    SharingState.ENDED: ("terminé", ""),
}
_WORKING_DAYS: Final = frozenset(range(1, 6))
_WEEK: Final = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Card:
    """One agreement, and what the reader may do with it."""

    id: UUID
    neighbour: str
    gives: bool
    what: str
    bounds: str
    dates: str
    state: str
    tone: str
    taken: int
    version: int
    may_answer: bool
    may_end: bool
    is_offer: bool


def card(
    one: SharingView,
    territory_id: UUID,
    names: Mapping[UUID, str],
    professions: Mapping[str, str],
    taken: int,
) -> Card:
    """Return an agreement as the page of a territory shows it."""
    gives = one.lender_id == territory_id
    state, tone = _STATES[one.state]
    return Card(
        id=one.id,
        neighbour=names[one.borrower_id if gives else one.lender_id],
        gives=gives,
        what=_what(one.terms, professions),
        bounds=_bounds(one.terms),
        dates=_dates(one),
        state=state,
        tone=tone,
        taken=taken,
        version=one.version,
        may_answer=not gives and one.state is SharingState.OFFERED,
        may_end=one.state is SharingState.ACCEPTED or (gives and one.state is SharingState.OFFERED),
        is_offer=one.state is SharingState.OFFERED,
    )


def _what(terms: Terms, professions: Mapping[str, str]) -> str:
    who = ", ".join(sorted(professions.get(code, code) for code in terms.professions))
    return f"{who} ; {_days(terms)}{_hours(terms)}"


def _days(terms: Terms) -> str:
    if terms.weekdays == _WEEK:
        return "tous les jours"
    if terms.weekdays == _WORKING_DAYS:
        return "du lundi au vendredi"
    return ", ".join(DAYS[number][1].lower() for number in sorted(terms.weekdays))


def _hours(terms: Terms) -> str:
    if terms.starts_from is None or terms.starts_before is None:
        return ""
    return f", de {terms.starts_from:%H:%M} à {terms.starts_before:%H:%M}"


def _bounds(terms: Terms) -> str:
    told = []
    if terms.most_a_day is not None:
        told.append(f"{terms.most_a_day} au plus par jour")
    if terms.most_percent is not None:
        told.append(f"{terms.most_percent}\u00a0% des créneaux du jour au plus")
    if terms.last_hours is not None:
        told.append(f"seulement ceux encore libres {terms.last_hours}\u00a0h avant")
    by = [AUDIENCES[one][1].lower() for one in AUDIENCES if one in terms.audiences]
    told.append(f"demandes venues par {', '.join(by)}")
    return " ; ".join(told)


def _dates(one: SharingView) -> str:
    terms = one.terms
    begins = f"du {terms.first_day:%d/%m/%Y}"
    span = f"{begins} au {terms.last_day:%d/%m/%Y}" if terms.last_day else f"à partir {begins}"
    if one.accepted_at is None:
        return f"Créneaux {span}"
    return f"Créneaux {span} ; accepté le {local_day(one.accepted_at):%d/%m/%Y}"
