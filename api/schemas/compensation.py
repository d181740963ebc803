"""Compensation on the wire: amounts in whole cents, days local, no patient and no rank of anybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.forms import Code, Day, In, Out, ReasonOut
from slots.compensation.facts import (
    Activity,
    Budget,
    FundingKind,
    Line,
    LineKind,
    MonthFigures,
    Statement,
    Terms,
    TermsDetails,
    VerdictStatus,
)

Cents = Annotated[int, Field(ge=0, le=1_000_000_000, description="En centimes.", examples=[1500])]
Cap = Annotated[int | None, Field(ge=0, le=9999, description="Par praticien ; null : sans plafond.")]


class TermsIn(In):
    """What the CPTS pays from a day on: a slot kept free, or an hour of coordination."""

    kind: FundingKind
    profession: Code | None = None
    valid_from: Day
    valid_until: Day | None = None
    rate_cents: Cents
    cap_week: Cap = None
    cap_month: Cap = None
    cap_year: Cap = None
    min_notice_hours: Annotated[int, Field(ge=0, le=720)] = 0
    pays_released: bool = False
    pays_no_show: bool = False

    def to_facts(self) -> TermsDetails:
        """Return the terms as the service takes them."""
        return TermsDetails(**self.model_dump())


class TermsOut(TermsIn):
    """Terms as they were decided; those decided last win on the days that two cover."""

    id: UUID
    created_at: datetime

    @classmethod
    def of_terms(cls, terms: Terms) -> Self:
        """Return terms as they are shown."""
        values = {name: getattr(terms.details, name) for name in TermsDetails.__dataclass_fields__}
        return cls(id=terms.id, created_at=terms.created_at, **values)


class TermsListOut(Out):
    """Every terms of a territory, the last decided first."""

    terms: list[TermsOut]


class YearIn(In):
    """The envelope of a year, and how many days its months stay open after their end."""

    envelope_cents: Cents
    close_after_days: Annotated[int, Field(ge=1, le=90)] = 10


class YearOut(Out):
    """What holds for a year."""

    year: int
    envelope_cents: int
    close_after_days: int
    created_at: datetime | None


class StatementOut(Out):
    """The month of a practitioner in a CPTS."""

    id: UUID
    territory_id: UUID
    practitioner_id: UUID
    month: date
    cpts_cents: int
    cpam_cents: int
    computed_at: datetime
    closed_at: datetime | None


class StatementTotalOut(Out):
    """What the CPTS owes a practitioner for a month: a total, nothing of his acts."""

    statement_id: UUID
    practitioner_id: UUID
    name: str
    cpts_cents: int
    closed_at: datetime | None

    @classmethod
    def of_statement(cls, statement: Statement, name: str) -> Self:
        """Return a total as the coordinator sees it."""
        return cls(
            statement_id=statement.id,
            practitioner_id=statement.practitioner_id,
            name=name,
            cpts_cents=statement.cpts_cents,
            closed_at=statement.closed_at,
        )


class LineOut(Out):
    """A line and the event that it is about: an appointment, a slot, or a declaration of time."""

    id: UUID
    position: int
    kind: LineKind
    event_id: UUID
    day: date
    at: datetime
    quantity: int
    unit_cents: int
    amount_cents: int
    status: VerdictStatus | None
    request_number: str | None
    corrected_month: date | None
    reasons: list[ReasonOut]

    @classmethod
    def of_line(cls, line: Line) -> Self:
        """Return a line as it is shown."""
        content = line.content
        names = ("kind", "event_id", "day", "at", "quantity", "unit_cents", "amount_cents", "status")
        return cls(
            id=line.id,
            position=line.position,
            **{name: getattr(content, name) for name in names},
            request_number=content.request_number,
            corrected_month=content.corrected_month,
            reasons=[ReasonOut.of(reason) for reason in content.reasons],
        )


class StatementsOut(Out):
    """The statements of a practitioner, the latest month first."""

    statements: list[StatementOut]


class StatementDetailOut(Out):
    """A statement and its lines, in order."""

    statement: StatementOut
    lines: list[LineOut]


class EventOut(Out):
    """Something that happened to what a line is about."""

    what: str
    code: str
    at: datetime
    author: str
    detail: str


class LineEventsOut(Out):
    """A line and the events behind its amount, oldest first."""

    line: LineOut
    events: list[EventOut]


class MonthOut(Out):
    """The month of a territory: sums by kind, and what is owed to each, in order of name."""

    month: date
    by_kind: dict[LineKind, int]
    totals: list[StatementTotalOut]


class MarkIn(In):
    """Which codes were billed with an act, and whether its practitioner is the médecin traitant."""

    codes: Annotated[tuple[Code, ...], Field(max_length=8, examples=[["MCG"]])] = ()
    is_mt: bool | None = None


class MarkOut(Out):
    """What was said last of an act."""

    appointment_id: UUID
    codes: list[str]
    is_mt: bool | None
    at: datetime


class VerdictOut(Out):
    """Whether the majoration of an act holds, what proves it, and why; never whom it was about."""

    appointment_id: UUID
    request_number: str | None
    seen_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decided_role: str | None
    week: date
    rank: int | None
    billed: list[str]
    status: VerdictStatus
    amount_cents: int
    reasons: list[ReasonOut]


class ActsOut(Out):
    """The acts of a month and their verdicts, by time."""

    acts: list[VerdictOut]


class TimeIn(In):
    """Time given to the CPTS on a day."""

    territory_id: UUID
    day: Day
    minutes: Annotated[int, Field(ge=5, le=720)]
    activity: Activity


class TimeOut(Out):
    """A declaration of time."""

    id: UUID
    territory_id: UUID
    day: date
    minutes: int
    activity: Activity
    created_at: datetime
    withdrawn_at: datetime | None


class MonthFiguresOut(Out):
    """The sums of a month, in cents."""

    month: date
    spent_cents: int
    committed_cents: int
    forecast_cents: int
    cpam_cents: int
    by_kind: dict[LineKind, int]
    acts: dict[VerdictStatus, int]

    @classmethod
    def of_month(cls, figures: MonthFigures) -> Self:
        """Return the sums of a month as they are shown."""
        return cls.of(figures)


class BudgetOut(Out):
    """A year of a CPTS, in cents; `forecast_cents` follows the pace of the last `pace_days` days."""

    year: int
    envelope_cents: int
    aci_fixed_cents: int
    aci_variable_cents: int
    aci_source: str
    spent_cents: int
    committed_cents: int
    forecast_cents: int
    expected_cents: int
    left_cents: int
    pace_cents: int
    pace_days: int
    months: list[MonthFiguresOut]

    @classmethod
    def of_budget(cls, budget: Budget) -> Self:
        """Return a budget as it is shown."""
        names = (
            *(
                "year",
                "aci_fixed_cents",
                "aci_variable_cents",
                "aci_source",
                "spent_cents",
                "committed_cents",
            ),
            *("forecast_cents", "expected_cents", "left_cents", "pace_cents", "pace_days"),
        )
        return cls(
            **{name: getattr(budget, name) for name in names},
            envelope_cents=budget.settings.envelope_cents,
            months=[MonthFiguresOut.of_month(month) for month in budget.months],
        )
