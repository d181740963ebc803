"""Coverage and calls for slots on the wire: figures and counts; names only of who would be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.forms import Code, Day, In, Out
from regulation.coverage.facts import Asking, Basis, CallEnding, CallView, Line, Outcome, Preview, Sheet
from regulation.coverage.halves import HalfDay
from regulation.coverage.targeting import WhyNot
from snp.errors import InvalidValue


class NeedOut(Out):
    """How many needs are expected: the middle, and where they fall 5 and 8 times out of 10."""

    q10: int
    q25: int
    q50: int
    q75: int
    q90: int


class CoverageLineOut(Out):
    """A half-day ahead: need against slots, and the risk that somebody goes without."""

    day: date
    is_afternoon: bool
    need: NeedOut
    published: int
    taken: int
    free: int
    to_come: float = Field(description="Créneaux d’habitude publiés plus tard.")
    risk: float = Field(description="Probabilité qu’un patient dont le délai finit là n’ait pas de créneau.")
    unserved: float
    nothing_left: float
    wanted: int
    called: int
    lent: int = Field(
        description="Créneaux prêtés par les voisins sous 48 heures ; comptés dans le risque, pas dans free."
    )

    @classmethod
    def of_line(cls, line: Line) -> Self:
        """Return a half-day as it is shown."""
        low, quarter, middle, three, high = line.need
        return cls(
            day=line.half.day,
            is_afternoon=line.half.is_afternoon,
            need=NeedOut(q10=low, q25=quarter, q50=middle, q75=three, q90=high),
            **{name: getattr(line, name) for name in _PLAIN},
        )


_PLAIN = (
    "published",
    "taken",
    "free",
    "to_come",
    "risk",
    "unserved",
    "nothing_left",
    "wanted",
    "called",
    "lent",
)


class SheetOut(Out):
    """The outlook of one profession, and what it rests on."""

    profession: str
    computed_at: datetime
    basis: Basis
    days_known: int
    needs_known: int
    weekly_need: float
    half_days: list[CoverageLineOut]

    @classmethod
    def of_sheet(cls, sheet: Sheet) -> Self:
        """Return an outlook as it is shown."""
        return cls(
            profession=sheet.profession,
            computed_at=sheet.computed_at,
            basis=sheet.basis,
            days_known=sheet.days_known,
            needs_known=sheet.needs_known,
            weekly_need=sheet.level,
            half_days=[CoverageLineOut.of_line(line) for line in sheet.lines],
        )


class CoverageOut(Out):
    """The outlook of a territory, by profession."""

    professions: list[SheetOut]


class WantedIn(In):
    """How many slots are wanted in a half-day."""

    day: Day
    is_afternoon: bool
    slots: Annotated[int, Field(ge=1, le=50)]


class SlotCallIn(In):
    """A call for slots to preview or to open."""

    profession: Annotated[Code, Field(examples=["medecin_generaliste"])]
    half_days: Annotated[list[WantedIn], Field(min_length=1, max_length=28)]

    def wanted(self) -> dict[HalfDay, int]:
        """Return what is wanted. Raises `InvalidValue` for a half-day named twice."""
        found = {HalfDay(one.day, one.is_afternoon): one.slots for one in self.half_days}
        if len(found) != len(self.half_days):
            raise InvalidValue("half_days", "une demi-journée est nommée deux fois")
        return found


class MomentOut(Out):
    """A moment that would be put to somebody."""

    start: datetime
    end: datetime
    slots: int


class AskingOut(Out):
    """Somebody whom a call would ask, or not, and why."""

    practitioner_id: UUID
    name: str
    why: list[str]
    moments: list[MomentOut]
    leaves_at: datetime | None
    why_not: WhyNot | None

    @classmethod
    def of_asking(cls, asking: Asking) -> Self:
        """Return somebody as he is shown."""
        return cls(
            practitioner_id=asking.practitioner_id,
            name=asking.name,
            why=list(asking.why),
            moments=[MomentOut(start=m.start, end=m.end, slots=m.slots) for m in asking.moments],
            leaves_at=asking.leaves_at,
            why_not=asking.why_not,
        )


class PreviewOut(Out):
    """Whom a call would ask first, whom next, and whom it leaves in peace."""

    first: list[AskingOut]
    later: list[AskingOut]
    left: list[AskingOut]

    @classmethod
    def of_preview(cls, preview: Preview) -> Self:
        """Return a preview as it is shown."""

        def shown(people: Sequence[Asking]) -> list[AskingOut]:
            return [AskingOut.of_asking(one) for one in people]

        return cls(first=shown(preview.first), later=shown(preview.next), left=shown(preview.left))


class WantedOut(Out):
    """A half-day of a call: slots wanted, and gained so far."""

    day: date
    is_afternoon: bool
    slots: int
    gained: int


class SlotCallOut(Out):
    """A call for slots. `asked`, `answered`: how many people, never who."""

    id: UUID
    territory_id: UUID
    profession: str
    opened_at: datetime
    automatic: bool
    closes_at: datetime
    half_days: list[WantedOut]
    asked: int
    answered: int
    ended_at: datetime | None
    ending: CallEnding | None

    @classmethod
    def of_call(cls, call: CallView) -> Self:
        """Return a call as it is shown."""
        return cls(**_call_fields(call))


class OutcomeOut(Out):
    """What came of a call, as counts."""

    asked: int
    answered: int
    accepted: int
    declined: int
    paused: int
    gained: int
    wanted: int
    served: int


class SlotCallDetailOut(SlotCallOut):
    """A call, and what came of it."""

    outcome: OutcomeOut

    @classmethod
    def of_outcome(cls, call: CallView, outcome: Outcome) -> Self:
        """Return a call with its outcome."""
        counts = {name: getattr(outcome, name) for name in OutcomeOut.model_fields}
        return cls(**_call_fields(call), outcome=OutcomeOut(**counts))


def _call_fields(call: CallView) -> dict[str, object]:
    plain = ("id", "territory_id", "profession", "opened_at", "automatic", "closes_at", "asked", "answered")
    return {name: getattr(call, name) for name in (*plain, "ended_at", "ending")} | {
        "half_days": [
            WantedOut(
                day=half.day, is_afternoon=half.is_afternoon, slots=count, gained=call.gained.get(half, 0)
            )
            for half, count in sorted(call.wanted.items())
        ]
    }
