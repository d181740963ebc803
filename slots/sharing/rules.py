"""Which slots an agreement lends, how many on a day, and how an agreement goes on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from slots.sharing.facts import SharingState, SharingView, SlotTerms, Terms
from slots.sharing.refusals import SharingSettled
from snp.assignment.facts import Audience
from snp.days import local
from snp.errors import InvalidValue

WEEK: Final = frozenset(range(1, 8))
LENDABLE: Final = frozenset({Audience.REGULATION, Audience.DESK, Audience.PROFESSIONALS})
"""Through whom a neighbour's request comes; what is open to the public is booked elsewhere."""
BOUNDS: Final = {"most_a_day": (1, 200), "most_percent": (1, 100), "last_hours": (1, 168)}
MOST_RUNNING: Final = 20
"""Running agreements from one territory to one other: a rule for each habit, not for each slot."""
LONGEST: Final = timedelta(days=3 * 366)

_S = SharingState
_NEXT: Final = {
    _S.OFFERED: frozenset({_S.ACCEPTED, _S.DECLINED, _S.ENDED}),
    _S.ACCEPTED: frozenset({_S.ENDED}),
    _S.DECLINED: frozenset[SharingState](),
    _S.ENDED: frozenset[SharingState](),
}


@dataclass(frozen=True, slots=True)
class Lender:
    """What is known of a territory that lends: its clock, and who does not want his slots lent."""

    zone: ZoneInfo
    opted_out: frozenset[UUID] = frozenset()


def check_terms(terms: Terms, known: Collection[str], today: date) -> None:
    """Raise `InvalidValue` unless the terms lend something, within bounds, from today on at the earliest."""
    if not terms.professions:
        raise InvalidValue("professions", "choisissez au moins une profession")
    unknown = sorted(terms.professions - set(known))
    if unknown:
        raise InvalidValue("professions", f"profession inconnue : {unknown[0]}")
    if not terms.weekdays or not terms.weekdays <= WEEK:
        raise InvalidValue("weekdays", "choisissez des jours, de 1 (lundi) à 7 (dimanche)")
    if not terms.audiences or not terms.audiences <= LENDABLE:
        raise InvalidValue("audiences", "choisissez par qui les demandes arrivent")
    _check_hours(terms)
    for name, (low, high) in BOUNDS.items():
        value = getattr(terms, name)
        if value is not None and not low <= value <= high:
            raise InvalidValue(name, f"entre {low} et {high}, ou rien")
    if terms.first_day < today:
        raise InvalidValue("first_day", "au plus tôt aujourd’hui")
    if terms.last_day is not None and terms.last_day < terms.first_day:
        raise InvalidValue("last_day", "le dernier jour doit venir après le premier")
    if terms.first_day > today + LONGEST:
        raise InvalidValue("first_day", "dans les trois ans")


def _check_hours(terms: Terms) -> None:
    if (terms.starts_from is None) != (terms.starts_before is None):
        raise InvalidValue("starts_from", "deux heures, ou aucune")
    if terms.starts_from is not None and terms.starts_before is not None:
        if terms.starts_from.tzinfo is not None or terms.starts_before.tzinfo is not None:
            raise InvalidValue("starts_from", "des heures locales")
        if terms.starts_from >= terms.starts_before:
            raise InvalidValue("starts_before", "après la première heure")


def check_follows(current: SharingState, wanted: SharingState) -> None:
    """Raise `SharingSettled` unless an agreement may go from one state to the other."""
    if wanted not in _NEXT[current]:
        raise SharingSettled(current)


def covers(sharing: SharingView, slot: SlotTerms, lender: Lender) -> bool:
    """Whether a slot is one of those the agreement speaks of, whoever asks and whenever."""
    terms = sharing.terms
    begins = local(slot.start, lender.zone)
    day, clock = begins.date(), begins.time()
    return (
        sharing.lender_id in slot.territory_ids
        and sharing.borrower_id not in slot.territory_ids
        and slot.practitioner_id not in lender.opted_out
        and slot.profession in terms.professions
        and begins.isoweekday() in terms.weekdays
        and terms.first_day <= day
        and (terms.last_day is None or day <= terms.last_day)
        and (terms.starts_from is None or terms.starts_from <= clock)
        and (terms.starts_before is None or clock < terms.starts_before)
    )


def lends(
    sharing: SharingView, slot: SlotTerms, lender: Lender, *, audience: Audience | None, now: datetime
) -> bool:
    """Whether a free slot may be claimed under the agreement at `now`, its bounds for the day aside.

    `audience`: through whom the request comes; None asks whether it may be lent to anybody.
    """
    terms = sharing.terms
    open_to = terms.audiences & slot.audiences
    return (
        sharing.state is SharingState.ACCEPTED
        and covers(sharing, slot, lender)
        and (bool(open_to) if audience is None else audience in open_to)
        and (terms.last_hours is None or slot.start - now <= timedelta(hours=terms.last_hours))
    )


def allowance(terms: Terms, covered: int) -> int | None:
    """How many slots may be taken on a day of which `covered` are in the rule; None: as many as there are."""
    bounds = []
    if terms.most_a_day is not None:
        bounds.append(terms.most_a_day)
    if terms.most_percent is not None:
        bounds.append(covered * terms.most_percent // 100)
    return min(bounds, default=None)


def is_bounded(terms: Terms) -> bool:
    """Whether the agreement bounds what is taken on a day."""
    return terms.most_a_day is not None or terms.most_percent is not None


def in_order(sharings: Iterable[SharingView]) -> list[SharingView]:
    """The agreements in the order in which they are used up: the oldest first."""
    return sorted(sharings, key=lambda one: (one.accepted_at or one.created_at, one.id))
