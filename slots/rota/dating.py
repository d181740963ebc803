"""The dated shifts of a week's openings: local wall time, SNP hours, public and school holidays. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from slots.rota.facts import Half, Kind, Shift
from slots.rota.school_holidays import Zone, is_school_holiday
from slots.rota.terms import Opening, RotaDetails
from snp.days import SnpHours, at_local, within_snp_hours

_FRIDAY, _SATURDAY = 4, 5


def shift_key(site_id: UUID, start: datetime) -> str:
    """How a problem names the shift of a place that begins then."""
    return f"{site_id}|{start:%Y-%m-%dT%H:%MZ}"


def dated(details: RotaDetails, first: date, last: date, hours: SnpHours) -> Iterator[tuple[Shift, Opening]]:
    """The shifts of the local days `[first, last]` with their openings, by start.

    None on public holidays nor on days closed by the territory, nor outside its SNP hours.
    """
    day = first
    while day <= last:
        for opening in details.openings:
            if opening.weekday != day.weekday():
                continue
            start, end = at_local(day, opening.starts_at), at_local(day, opening.ends_at)
            if within_snp_hours(start, end, hours):
                shift = Shift(
                    id=shift_key(opening.site_id, start),
                    place=str(opening.site_id),
                    start=start,
                    end=end,
                    half=opening.half,
                    least=opening.least,
                    most=opening.most,
                    kinds=kinds_of_day(day, opening.half, details.zone),
                )
                yield shift, opening
        day += timedelta(days=1)


def kinds_of_day(day: date, half: Half, zone: Zone) -> frozenset[Kind]:
    """The unloved kinds that a half-day counts among."""
    kinds = set()
    if day.weekday() == _SATURDAY:
        kinds.add(Kind.SATURDAY)
    if day.weekday() == _FRIDAY and half is not Half.MORNING:
        kinds.add(Kind.FRIDAY_AFTERNOON)
    if is_school_holiday(day, zone):
        kinds.add(Kind.SCHOOL_HOLIDAYS)
    return frozenset(kinds)
