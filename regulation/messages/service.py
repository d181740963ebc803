"""The use cases of telling people; other packages import them from here. Never commits, never sends."""

from regulation.messages.alerting import queue_dead_letters, queue_digests, queue_offers, queue_shortage
from regulation.messages.composing import Desk, appointment_of, compose
from regulation.messages.series import offer_answered, offered, sheet_finished, sheet_missing
from regulation.messages.splitting import booked, cancelled, moved

__all__ = [
    "Desk",
    "appointment_of",
    "booked",
    "cancelled",
    "compose",
    "moved",
    "offer_answered",
    "offered",
    "queue_dead_letters",
    "queue_digests",
    "queue_offers",
    "queue_shortage",
    "sheet_finished",
    "sheet_missing",
]
