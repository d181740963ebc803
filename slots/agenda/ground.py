"""What an agenda stands on: memberships, the hours of each territory, absences, usual lengths. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from slots.agenda.facts import Interval
from snp import days
from snp.days import SnpHours, local_day, outside_snp_hours, within_snp_hours


@dataclass(frozen=True, slots=True)
class TerritoryGround:
    """A territory seen by a practitioner.

    Its hours, and when he belongs to it, `[since, until)` local days.
    """

    name: str
    hours: SnpHours
    memberships: tuple[tuple[date, date | None], ...]

    def has_member_on(self, day: date) -> bool:
        """Whether the practitioner belongs to it on a local day."""
        return any(since <= day and (until is None or day < until) for since, until in self.memberships)


@dataclass(frozen=True, slots=True)
class Ground:
    """One practitioner's ground. `slot_minutes`: his usual length. `absences`: those that hold, by start."""

    practitioner_id: UUID
    profession: str
    slot_minutes: int
    territories: Mapping[UUID, TerritoryGround]
    absences: tuple[tuple[UUID, Interval], ...] = ()

    def members_on(self, day: date, territory_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those of the territories he belongs to on a local day."""
        return frozenset(ident for ident in territory_ids if self.territories[ident].has_member_on(day))

    def closed_to(self, span: Interval, territory_ids: Iterable[UUID]) -> UUID | None:
        """The first territory, by name, whose SNP hours do not hold the whole span."""
        for ident in sorted(territory_ids, key=lambda ident: (self.territories[ident].name, ident)):
            if not within_snp_hours(span.start, span.end, self.territories[ident].hours):
                return ident
        return None

    def why_closed(self, span: Interval, territory_id: UUID) -> str:
        """Why that territory's SNP hours do not hold the span, as the end of a French sentence."""
        return outside_snp_hours(span.start, span.end, self.territories[territory_id].hours) or ""

    def is_holiday(self, span: Interval, territory_ids: Iterable[UUID]) -> bool:
        """Whether the span begins on a public holiday that one of the territories keeps."""
        kept = (self.territories[ident].hours for ident in territory_ids)
        return any(
            not hours.open_on_holidays and days.is_holiday(local_day(span.start, hours.zone), hours.region)
            for hours in kept
        )

    def absence_over(self, span: Interval) -> UUID | None:
        """The first absence the span falls in, if any."""
        return next((ident for ident, absent in self.absences if absent.overlaps(span)), None)
