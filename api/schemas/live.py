"""Prices, promises, the waiting list, explanations, fairness, on the wire: identifiers, never identities."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas.forms import Out, ReasonOut
from regulation.intake.facts import CallPriority
from regulation.live.facts import (
    Basis,
    DecisionView,
    Explanation,
    Fallback,
    Outcome,
    PriceSheet,
    PromiseEnding,
    PromiseView,
)


class ForecastOut(Out):
    """What the forecast rests on, and what it says of the next 24 hours."""

    requests_seen: int
    slots_seen: int
    days_seen: float
    expected_24h: float = Field(examples=[18.5])
    level: float = Field(examples=[1.1], description="Ces derniers jours, relativement à l’habitude.")
    withdrawn_share: float


class PricedSlotOut(Out):
    """A free slot and what it is worth to those who may still come, in points (P1 9, P2 3, P3 1)."""

    slot_id: UUID
    price: float = Field(examples=[0.75])
    wanted: float


class PricesOut(Out):
    """The prices of one profession family, dearest first."""

    family: str = Field(examples=["medecin_generaliste"])
    computed_at: datetime
    scenarios: int
    forecast: ForecastOut
    slots: list[PricedSlotOut]

    @classmethod
    def of_sheet(cls, sheet: PriceSheet) -> Self:
        """Return a sheet as it is shown."""
        priced = [
            PricedSlotOut(
                slot_id=UUID(slot_id),
                price=round(sum(prices) / max(1, len(prices)), 4),
                wanted=sheet.wanted.get(slot_id, 0.0),
            )
            for slot_id, prices in sheet.prices.items()
        ]
        return cls(
            family=sheet.family,
            computed_at=sheet.computed_at,
            scenarios=sheet.scenarios,
            forecast=ForecastOut.of(sheet.facts),
            slots=sorted(priced, key=lambda slot: (-slot.price, slot.slot_id)),
        )


class TerritoryPricesOut(Out):
    """The latest prices of a territory, by profession family."""

    families: list[PricesOut]


class WaitingOut(Out):
    """A line of the waiting list, in the order of service."""

    place: int
    request_id: UUID
    number: str
    priority: CallPriority | None
    since: datetime
    deadline: datetime | None
    promised_before: datetime | None
    reason: ReasonOut
    next_step: ReasonOut


class PromiseOut(Out):
    """A promise: seen before an instant; the slot is named `notice_minutes` ahead at the latest."""

    id: UUID
    request_id: UUID
    made_at: datetime
    seen_before: datetime
    notice_minutes: int
    ended_at: datetime | None
    ending: PromiseEnding | None
    slot_id: UUID | None


class PromiseMadeOut(PromiseOut):
    """A promise just made, with what to say and the slots that stand surety for every open promise."""

    sentence: str = Field(examples=["Vous serez vu avant jeudi 26 novembre à 10 h."])
    certificate: dict[str, str]


class PromiseLineOut(PromiseOut):
    """A promise as the coordinator sees it; `at_risk`: no free slot can keep it any more."""

    at_risk: bool

    @classmethod
    def of_promise(cls, promise: PromiseView, at_risk: frozenset[UUID]) -> Self:
        """Return a promise as it is shown."""
        risky = promise.ending is None and promise.request_id in at_risk
        return cls(**PromiseOut.of(promise).model_dump(), at_risk=risky)


class PromisesOut(Out):
    """The promises of the last days, newest first."""

    open: int
    broken: int
    promises: list[PromiseLineOut]


class WeighedSlotOut(Out):
    """A slot that was compared; `price` null: not priced."""

    slot_id: UUID
    start: datetime
    price: float | None
    km: float


class DecisionOut(Out):
    """What was said about a request, with what was weighed; `sentences` are to be said aloud."""

    id: UUID
    at: datetime
    author: str
    role: str
    outcome: Outcome
    rule: str
    basis: Basis
    fallback: Fallback | None
    value: int
    value_now: float | None
    value_waiting: float | None
    prices_at: datetime | None
    scenarios: int
    alternatives: list[WeighedSlotOut]
    round_id: UUID | None
    anyway: bool
    sentences: list[str]

    @classmethod
    def of_decision(cls, decision: DecisionView, sentences: tuple[str, ...]) -> Self:
        """Return a decision as it is shown."""
        weighing = decision.weighing
        return cls(
            id=decision.id,
            at=decision.at,
            author=decision.author,
            role=decision.role,
            outcome=weighing.outcome,
            rule=weighing.rule,
            basis=weighing.basis,
            fallback=weighing.fallback,
            value=weighing.value,
            value_now=weighing.value_now,
            value_waiting=weighing.value_waiting,
            prices_at=weighing.prices_at,
            scenarios=weighing.scenarios,
            alternatives=[WeighedSlotOut.of(slot) for slot in weighing.alternatives],
            round_id=decision.round_id,
            anyway=decision.anyway,
            sentences=list(sentences),
        )


class ExplanationOut(Out):
    """Why a request stands where it stands: decisions, newest first, and what comes next."""

    request_id: UUID
    number: str
    place: int | None
    next_step: str
    promise: PromiseOut | None
    decisions: list[DecisionOut]

    @classmethod
    def of_explanation(cls, told: Explanation) -> Self:
        """Return an explanation as it is shown."""
        return cls(
            request_id=told.request_id,
            number=told.number,
            place=told.place,
            next_step=told.next_step,
            promise=None if told.promise is None else PromiseOut.of(told.promise),
            decisions=[DecisionOut.of_decision(decision, said) for decision, said in told.decisions],
        )


class ShareOut(Out):
    """What became of the requests of one priority or commune."""

    key: str = Field(examples=["P3"])
    requests: int
    kept_waiting: int
    share_kept: float
    seeking: int
    served: int
    unserved: int


class LoadOut(Out):
    """What a practitioner opened and how much was taken; an identifier, no name, no rank."""

    practitioner_id: UUID
    opened: int
    taken: int


class FairnessOut(Out):
    """Who waited, over a period; lines in order of key, never of merit."""

    territory_id: UUID
    since: datetime
    until: datetime
    by_priority: list[ShareOut]
    by_commune: list[ShareOut]
    practitioners: list[LoadOut]
    promises_made: int
    promises_open: int
    promises_broken: int
