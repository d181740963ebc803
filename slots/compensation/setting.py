"""What a coordinator sets: dated terms, the envelope of a year. Nothing set is ever edited or removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.compensation import repository
from slots.compensation.facts import FundingKind, Terms, TermsDetails, YearSettings
from snp.directory import service as directory
from snp.errors import InvalidValue
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

DEFAULT_CLOSE_AFTER_DAYS: Final = 10
MOST_RATE_CENTS: Final = 100_000
MOST_ENVELOPE_CENTS: Final = 1_000_000_000
MOST_NOTICE_HOURS: Final = 720
MOST_CAP: Final = 9999


def add_terms(
    session: Session, territory_id: UUID, details: TermsDetails, *, by: Actor, now: datetime
) -> Terms:
    """Decide what is paid from a day on; drafts follow when next computed, closed months by corrections.

    Raises `NotFound` (territory, profession), `InvalidValue`.
    """
    directory.get_territory(session, territory_id)
    checked = _checked(details, now)
    if checked.profession is not None:
        directory.get_profession(session, checked.profession)
    made = repository.insert_terms(session, territory_id, checked, by=by.ident, now=now)
    log(Event.FUNDING_TERMS_SET, territory_id=territory_id, kind=checked.kind)
    return made


def list_terms(session: Session, territory_id: UUID) -> list[Terms]:
    """Return every terms of a territory, the last decided first. Raises `NotFound`."""
    directory.get_territory(session, territory_id)
    return repository.terms_of(session, [territory_id])


def set_year(
    session: Session,
    territory_id: UUID,
    year: int,
    *,
    envelope_cents: int,
    close_after_days: int,
    by: Actor,
    now: datetime,
) -> YearSettings:
    """Set the envelope of a year and how long its months stay open. Raises `NotFound`, `InvalidValue`."""
    directory.get_territory(session, territory_id)
    _within("year", year, 2020, 2099)
    if not 0 <= envelope_cents <= MOST_ENVELOPE_CENTS:
        raise InvalidValue("envelope_cents", "de 0 à 10 millions d’euros")
    _within("close_after_days", close_after_days, 1, 90)
    wanted = YearSettings(territory_id, year, envelope_cents, close_after_days)
    repository.insert_year(session, wanted, by=by.ident, now=now)
    return replace(wanted, created_at=now, created_by=by.ident)


def year_settings(session: Session, territory_id: UUID, year: int) -> YearSettings:
    """Return what holds for a year; nothing set: no envelope, months closed ten days after their end."""
    found = repository.years_of(session, territory_id, year)
    return found[0] if found else YearSettings(territory_id, year, 0, DEFAULT_CLOSE_AFTER_DAYS)


def _checked(details: TermsDetails, now: datetime) -> TermsDetails:
    if (details.kind is FundingKind.UNUSED_SLOT) != (details.profession is not None):
        raise InvalidValue("profession", "obligatoire pour des créneaux, et pour eux seuls")
    if not 0 <= details.rate_cents <= MOST_RATE_CENTS:
        raise InvalidValue("rate_cents", "de 0 à 1 000 €")
    if details.valid_from < date(now.year - 1, 1, 1) or details.valid_from.year > now.year + 2:
        raise InvalidValue("valid_from", f"du 1er janvier {now.year - 1} au 31 décembre {now.year + 2}")
    if details.valid_until is not None and details.valid_until <= details.valid_from:
        raise InvalidValue("valid_until", "après le premier jour")
    for name in ("cap_week", "cap_month", "cap_year"):
        if (cap := getattr(details, name)) is not None:
            _within(name, cap, 0, MOST_CAP)
    _within("min_notice_hours", details.min_notice_hours, 0, MOST_NOTICE_HOURS)
    return details


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidValue(name, f"de {low} à {high}")
