"""The words of the médecin traitant question: what it concludes, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from regulation.facts import Reason
from regulation.intake.facts import MtStatus


class MtVerdictKind(StrEnum):
    """What to do after the question.

    `call_mt_first`: the request waits and may resume. `keep_appointment`: one is already held in time.
    `back_to_mt`: he can see the patient in time. `go_on`: the regulation goes on.
    """

    CALL_MT_FIRST = "call_mt_first"
    KEEP_APPOINTMENT = "keep_appointment"
    BACK_TO_MT = "back_to_mt"
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class MtVerdict:
    """What to do, what is now known of the médecin traitant, and why.

    `seen_at`: when the patient will be seen, if he keeps an appointment. `excluded`: the médecin traitant
    himself when he is away, so that no slot of his is given.
    """

    kind: MtVerdictKind
    status: MtStatus
    reasons: tuple[Reason, ...]
    seen_at: datetime | None = None
    excluded: frozenset[UUID] = frozenset()
