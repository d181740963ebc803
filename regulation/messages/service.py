"""The use cases of telling people; other packages import them from here. Never commits, never sends."""

from regulation.messages.alerting import (
    queue_dead_letters,
    queue_digests,
    queue_emergency,
    queue_offers,
    queue_right_asked,
    queue_rotas,
    queue_shortage,
)
from regulation.messages.choosing import (
    choose_reminders,
    forget_choices,
    record_of_choices,
    reminder_way,
    reseal_choices,
)
from regulation.messages.composing import Desk, appointment_of, compose
from regulation.messages.rota import (
    offer_answered as rota_offer_answered,
)
from regulation.messages.rota import (
    queue_volunteers,
    swap_answered,
    swap_proposed,
    turns_changed,
)
from regulation.messages.series import offer_answered, offered, sheet_finished, sheet_missing
from regulation.messages.splitting import booked, cancelled, moved

__all__ = [
    "Desk",
    "appointment_of",
    "booked",
    "cancelled",
    "choose_reminders",
    "compose",
    "forget_choices",
    "moved",
    "offer_answered",
    "offered",
    "queue_dead_letters",
    "queue_digests",
    "queue_emergency",
    "queue_offers",
    "queue_right_asked",
    "queue_rotas",
    "queue_shortage",
    "queue_volunteers",
    "record_of_choices",
    "reminder_way",
    "reseal_choices",
    "rota_offer_answered",
    "sheet_finished",
    "sheet_missing",
    "swap_answered",
    "swap_proposed",
    "turns_changed",
]
