"""The words of what is told: kinds of messages, the ways they take, and a letter ready to leave. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Medium(StrEnum):
    """How a message travels; also the topic under which the outbox holds it."""

    SMS = "sms"
    EMAIL = "email"


class ReminderWay(StrEnum):
    """How a patient wants to be reminded."""

    SMS = "sms"
    EMAIL = "email"
    NONE = "none"


class Kind(StrEnum):
    """What a message is about, and for whom."""

    PATIENT_BOOKED = "patient_booked"
    PATIENT_MOVED = "patient_moved"
    PATIENT_CANCELLED = "patient_cancelled"
    PATIENT_DAY_BEFORE = "patient_day_before"
    PATIENT_HOURS_BEFORE = "patient_hours_before"
    CARER_BOOKED = "carer_booked"
    CARER_MOVED = "carer_moved"
    CARER_CANCELLED = "carer_cancelled"
    CARER_DIGEST = "carer_digest"
    PATIENT_SHEET = "patient_sheet"
    PRESCRIBER_SHEET = "prescriber_sheet"
    CARER_OFFERED_SERIES = "carer_offered_series"
    CARER_OFFER_ANSWERED = "carer_offer_answered"
    CARER_SHEET_MISSING = "carer_sheet_missing"
    CARER_SLOT_CALL = "carer_slot_call"
    CARER_ROTA_SWAP = "carer_rota_swap"
    CARER_ROTA_ANSWERED = "carer_rota_answered"
    CARER_ROTA_CHANGED = "carer_rota_changed"
    CARER_ROTA_VOLUNTEERS = "carer_rota_volunteers"
    COORDINATOR_ROTA_REPAIR = "coordinator_rota_repair"
    COORDINATOR_ROTA_OFFER = "coordinator_rota_offer"
    COORDINATOR_SHORTAGE = "coordinator_shortage"
    COORDINATOR_DEAD_LETTERS = "coordinator_dead_letters"
    COORDINATOR_OFFER = "coordinator_offer"
    EMERGENCY_OPENED = "emergency_opened"
    RIGHT_ASKED = "right_asked"
    MT_CONFIRM = "mt_confirm"
    MT_KNOWN = "mt_known"
    MT_PICKED = "mt_picked"
    MT_BACK = "mt_back"
    MT_RECONFIRM = "mt_reconfirm"
    MT_CLOSED = "mt_closed"
    MT_FOLLOW_UP = "mt_follow_up"
    MT_CARER_RETURNED = "mt_carer_returned"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to leave; never printed, never stored outside a demonstration.

    `to` is a phone in E.164 form or an e-mail address; `subject` is empty for an SMS.
    """

    medium: Medium
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder to send at an instant."""

    kind: Kind
    at: datetime


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """When and where an appointment is: instants of its sessions in order, and the place in one line."""

    starts: tuple[datetime, ...]
    place: str
