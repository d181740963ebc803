"""The words of triage: what a desk's eligibility question may answer."""

from __future__ import annotations

from enum import StrEnum


class EligibilityOutcome(StrEnum):
    """`red_flag` → call 15; `not_eligible` → 116 117; `pharmacist` → can be settled at the counter."""

    ELIGIBLE = "eligible"
    RED_FLAG = "red_flag"
    NOT_ELIGIBLE = "not_eligible"
    PHARMACIST = "pharmacist"
