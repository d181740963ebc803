"""The words of triage: the lists a desk works with, what it answers, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from regulation.facts import Reason
from regulation.intake.facts import CallPriority, Sex
from snp.assignment.facts import Mode


class EligibilityOutcome(StrEnum):
    """`red_flag` → call 15; `not_eligible` → 116 117; `pharmacist` → can be settled at the counter."""

    ELIGIBLE = "eligible"
    RED_FLAG = "red_flag"
    NOT_ELIGIBLE = "not_eligible"
    PHARMACIST = "pharmacist"


class DeskKind(StrEnum):
    """Which desk asks: the lists name those that each reason is open to."""

    PHARMACY = "pharmacy"
    NURSE_PRACTICE = "nurse_practice"
    DOCTOR = "doctor"
    PHYSIO = "physio"


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to look for, with the French words a desk reads."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class PharmacistTest:
    """A test that a pharmacist may do and settle: for whom, and what must be referred to a doctor instead.

    Ages in whole years, both ends included; None: no limit.
    """

    code: str
    label: str
    min_age: int | None
    max_age: int | None
    sexes: frozenset[Sex]
    refer_out: tuple[Sign, ...]
    source: str


@dataclass(frozen=True, slots=True)
class DeskReason:
    """A reason that a desk may handle, and what the engine is then asked for.

    `red_flags` are those of the reason; the list's general ones come on top. Ages in whole years, both ends
    included. `sessions`: the most that may be asked for.
    """

    code: str
    label: str
    desks: frozenset[DeskKind]
    min_age: int | None
    max_age: int | None
    sexes: frozenset[Sex]
    red_flags: tuple[Sign, ...]
    pharmacist_test: PharmacistTest | None
    professions: frozenset[str]
    modes: frozenset[Mode]
    delay_h: int
    priority: CallPriority
    sessions: int


@dataclass(frozen=True, slots=True)
class DeskList:
    """One version of a list: reasons, general red flags, source, and who must validate it."""

    code: str
    version: str
    valid_from: date
    source: str
    validation: str
    general_red_flags: tuple[Sign, ...]
    reasons: tuple[DeskReason, ...]

    @property
    def name(self) -> str:
        """The name and version that a trace keeps, such as `counter/2026.1`."""
        return f"{self.code}/{self.version}"

    def reason(self, code: str) -> DeskReason | None:
        """The reason of that code, None when the list does not hold it."""
        return next((reason for reason in self.reasons if reason.code == code), None)


@dataclass(frozen=True, slots=True)
class DeskAnswers:
    """What a desk answers: no identity in it.

    `signs`: the codes ticked among the red flags and the refer-out criteria. `reviewed`: the professional
    says that he went through all of them. `counter_declined`: the pharmacist does not settle the case himself
    (no test at hand, no training, patient's refusal, need of a doctor after the test).
    """

    reason: str
    age_years: int
    sex: Sex
    signs: frozenset[str] = frozenset()
    reviewed: bool = False
    counter_declined: bool = False

    def to_json(self) -> dict[str, Any]:
        """The answers as a trace keeps them."""
        return {
            "age_years": self.age_years,
            "sex": self.sex.value,
            "signs": sorted(self.signs),
            "reviewed": self.reviewed,
            "counter_declined": self.counter_declined,
        }

    @classmethod
    def from_json(cls, reason: str, stored: dict[str, Any]) -> Self:
        """The answers as a trace kept them."""
        return cls(
            reason=reason,
            age_years=stored["age_years"],
            sex=Sex(stored["sex"]),
            signs=frozenset(stored["signs"]),
            reviewed=stored["reviewed"],
            counter_declined=stored["counter_declined"],
        )


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The outcome with its reasons and the list it was judged by.

    `reason` is the list's row; None when the list does not hold the reason asked for.
    """

    outcome: EligibilityOutcome
    reasons: tuple[Reason, ...]
    list_name: str
    reason: DeskReason | None
    red_flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceView:
    """A desk's eligibility question as it was answered; covers the professional."""

    id: UUID
    at: datetime
    territory_id: UUID
    organisation_id: UUID | None
    author: str
    role: str
    reason: str
    list_name: str
    answers: dict[str, Any]
    red_flags: tuple[str, ...]
    outcome: EligibilityOutcome
    reasons: tuple[Reason, ...]
    request_id: UUID | None
