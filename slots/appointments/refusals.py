"""Why a claim on a slot is refused: one class a reason, with the sentence its user reads."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from slots.appointments.facts import AppointmentStatusKind
from snp.days import say_instant
from snp.errors import Conflict, NotFound, SnpError


class AppointmentNotFound(NotFound):
    """No appointment has this id or code."""

    slug = "appointment-not-found"
    fr = "Ce rendez-vous n’existe pas."

    def __init__(self, ident: object = "") -> None:
        super().__init__("appointment", ident)


class HoldNotFound(NotFound):
    """No slots were kept under this bundle."""

    slug = "hold-not-found"
    fr = "Aucun créneau n’est retenu sous cette référence."

    def __init__(self, bundle_id: UUID) -> None:
        super().__init__("hold", bundle_id)


class SlotAlreadyTaken(Conflict):
    """Somebody else has the slot, by an appointment or a hold that has not run out."""

    slug = "slot-already-taken"
    fr = "Ce créneau vient d’être pris : choisissez-en un autre."

    def __init__(self, slot_id: UUID | None = None) -> None:
        super().__init__("the slot is already taken", slot_id=str(slot_id) if slot_id else None)


class HoldExpired(Conflict):
    """The hold ran out before it was confirmed: propose again, even if nobody took the slot since."""

    slug = "hold-expired"
    fr = "Le créneau n’est plus retenu (délai dépassé à {expired_at}) : demandez de nouvelles propositions."

    def __init__(self, bundle_id: UUID, expired_at: datetime) -> None:
        super().__init__(
            f"hold {bundle_id} has run out", bundle_id=str(bundle_id), expired_at=say_instant(expired_at)
        )


class HoldEnded(Conflict):
    """The hold was confirmed or dropped before."""

    slug = "hold-ended"
    fr = "Cette réservation provisoire est déjà terminée."

    def __init__(self, bundle_id: UUID) -> None:
        super().__init__(f"hold {bundle_id} has ended", bundle_id=str(bundle_id))


class IllegalStatus(Conflict):
    """The appointment cannot go from the status it has to the one asked for."""

    slug = "illegal-appointment-status"
    fr = "Ce rendez-vous est {current} : il ne peut plus devenir {wanted}."

    def __init__(self, current: AppointmentStatusKind, wanted: AppointmentStatusKind) -> None:
        super().__init__(
            f"an appointment that is {current} cannot become {wanted}",
            current=STATUS_FR[current],
            wanted=STATUS_FR[wanted],
        )


class AppointmentStarted(SnpError):
    """The appointment has begun: it can no longer be cancelled or moved."""

    slug = "appointment-started"
    fr = "Ce rendez-vous ({start}) a déjà commencé."

    def __init__(self, start: datetime) -> None:
        super().__init__(f"the appointment at {start.isoformat()} has started", start=say_instant(start))


class AppointmentNotYetDue(SnpError):
    """It is too early to say whether the patient came."""

    slug = "appointment-not-yet-due"
    fr = "Il est trop tôt pour clore ce rendez-vous ({start})."

    def __init__(self, start: datetime) -> None:
        super().__init__(f"the appointment at {start.isoformat()} is not due", start=say_instant(start))


STATUS_FR = {
    AppointmentStatusKind.BOOKED: "pris",
    AppointmentStatusKind.MOVED: "déplacé",
    AppointmentStatusKind.CANCELLED: "annulé",
    AppointmentStatusKind.HONOURED: "honoré",
    AppointmentStatusKind.NO_SHOW: "non honoré",
}
