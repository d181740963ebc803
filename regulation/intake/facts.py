"""The words of a request (dossier): who brings it, its states and moves, what is decided for it."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """Who brings the request."""

    ARM = "arm"
    OSNP = "osnp"
    REGULATEUR = "regulateur"
    PHARMACY = "pharmacy"
    NURSE = "nurse"
    DOCTOR = "doctor"
    PHYSIO = "physio"
    SAS = "sas"


class Sex(StrEnum):
    """Administrative sex. Source: ISO/IEC 5218 as used by the INS reference (M, F, I)."""

    MALE = "M"
    FEMALE = "F"
    UNKNOWN = "I"


class RequestState(StrEnum):
    """Where a request stands; the allowed moves are in `regulation.intake.rules`."""

    RECEIVED = "received"
    WAITING_MT = "waiting_mt"
    TO_ESTIMATE = "to_estimate"
    TO_DECIDE = "to_decide"
    SEEKING = "seeking"
    HELD = "held"
    BOOKED = "booked"
    ORIENTED = "oriented"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNSERVED = "unserved"


class Move(StrEnum):
    """What moves a request; each is a row with author, time and reasons."""

    OPEN = "open"
    CHECK_MT = "check_mt"
    RESUME = "resume"
    ESTIMATE = "estimate"
    DECIDE = "decide"
    STOP = "stop"
    ORIENT = "orient"
    HOLD = "hold"
    HOLD_ENDED = "hold_ended"
    BOOK = "book"
    REOPEN = "reopen"
    HONOUR = "honour"
    NO_SHOW = "no_show"
    CANCEL = "cancel"
    GIVE_UP = "give_up"
    CORRECT = "correct"


class Disposition(StrEnum):
    """What the médecin régulateur decides. Source: DOMAIN §2, flow of the SAS."""

    ADVICE = "advice"
    TELECONSULTATION = "teleconsultation"
    SNP_CONSULTATION = "snp_consultation"
    BACK_TO_MT = "back_to_mt"
    EMERGENCY = "emergency"
    SMUR = "smur"
    PDSA = "pdsa"
    PHARMACIST = "pharmacist"
    TRANSPORT = "transport"
    CALL_15 = "call_15"
    CALL_116117 = "call_116117"
    KEEP_APPOINTMENT = "keep_appointment"


class CallPriority(StrEnum):
    """Regulation priority, P0 vital to P3 deferred. Source: SAMU-Hub-Modeles nomenclature."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class ResponseLevel(StrEnum):
    """R1 vital (SMUR), R2 true urgency, R3 continuity of care, R4 advice. Source: SAMU-Hub-Modeles."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"


class MtStatus(StrEnum):
    """What is known of the médecin traitant for this need."""

    UNKNOWN = "unknown"
    NONE = "none"
    NOT_CALLED = "not_called"
    UNAVAILABLE = "unavailable"
    TOO_LATE = "too_late"
    AVAILABLE = "available"
    ALREADY_BOOKED = "already_booked"
