"""Why an agenda refuses: one class a reason, with the sentence its practitioner reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from snp.days import say_day, say_instant
from snp.errors import Conflict, NotFound, SnpError


class SlotNotFound(NotFound):
    """No slot has this id."""

    slug = "slot-not-found"
    fr = "Ce créneau n’existe pas."

    def __init__(self, slot_id: UUID) -> None:
        super().__init__("slot", slot_id)


class PatternNotFound(NotFound):
    """No pattern has this id."""

    slug = "pattern-not-found"
    fr = "Cette plage récurrente n’existe pas."

    def __init__(self, pattern_id: UUID) -> None:
        super().__init__("pattern", pattern_id)


class AbsenceNotFound(NotFound):
    """No absence has this id."""

    slug = "absence-not-found"
    fr = "Cette absence n’existe pas."

    def __init__(self, absence_id: UUID) -> None:
        super().__init__("absence", absence_id)


class PractitionerCannotPublish(SnpError):
    """The practitioner is unknown, inactive, or does not practise at this site."""

    slug = "practitioner-cannot-publish"
    fr = "Publication impossible : {reason}"

    def __init__(self, practitioner_id: UUID, reason: str) -> None:
        super().__init__(
            f"practitioner {practitioner_id} cannot publish",
            practitioner_id=str(practitioner_id),
            reason=reason,
        )


class NotAMember(SnpError):
    """The practitioner does not belong, on that day, to a CPTS the slot would be offered to."""

    slug = "not-a-member"
    fr = "Le {day}, ce professionnel n’est pas membre de : {territories}."

    def __init__(self, day: date, territories: Sequence[str]) -> None:
        super().__init__(
            f"not a member of {len(territories)} territories on {day}",
            day=say_day(day),
            territories=", ".join(territories),
        )


class OutsideSnpHours(SnpError):
    """A slot is not wholly within the SNP hours of every territory it would be offered to."""

    slug = "outside-snp-hours"
    fr = "Créneau refusé, {start} : {why} ({territory})."

    def __init__(self, start: datetime, territory: str, why: str) -> None:
        super().__init__(
            f"slot at {start.isoformat()} is outside SNP hours",
            start=say_instant(start),
            territory=territory,
            why=why,
        )


class OverlappingSlot(Conflict):
    """The practitioner already has a live slot then (buffer included)."""

    slug = "overlapping-slot"
    fr = "Un autre créneau de ce professionnel occupe déjà ce moment ({start})."

    def __init__(self, start: datetime) -> None:
        super().__init__(f"a live slot overlaps the one at {start.isoformat()}", start=say_instant(start))


class DuringAbsence(SnpError):
    """The slot falls in an absence: publishing there and being away cannot both be meant."""

    slug = "during-absence"
    fr = "Le {start}, ce professionnel est noté absent : levez d’abord l’absence."

    def __init__(self, start: datetime) -> None:
        super().__init__(f"slot at {start.isoformat()} falls in an absence", start=say_instant(start))


class SlotInThePast(SnpError):
    """The slot starts now or earlier."""

    slug = "slot-in-the-past"
    fr = "Ce créneau ({start}) a déjà commencé."

    def __init__(self, start: datetime) -> None:
        super().__init__(f"slot at {start.isoformat()} has started", start=say_instant(start))


class ReleaseAlreadyDue(SnpError):
    """The release rule would give the slot back at once."""

    slug = "release-already-due"
    fr = "Avec ce délai de restitution, le créneau du {start} serait rendu aussitôt publié."

    def __init__(self, start: datetime) -> None:
        super().__init__(
            f"release of the slot at {start.isoformat()} is already due", start=say_instant(start)
        )


class NotAnOccurrence(SnpError):
    """The pattern has no occurrence on that day, or it has ended by then."""

    slug = "not-an-occurrence"
    fr = "La plage récurrente ne revient pas le {day}."

    def __init__(self, day: date) -> None:
        super().__init__(f"no occurrence on {day}", day=say_day(day))


class OccurrenceStarted(SnpError):
    """The occurrence has begun: it can no longer be edited as a whole."""

    slug = "occurrence-started"
    fr = "La séance du {day} a déjà commencé."

    def __init__(self, day: date) -> None:
        super().__init__(f"the occurrence of {day} has started", day=say_day(day))


class PatternEnded(SnpError):
    """The pattern was ended before."""

    slug = "pattern-ended"
    fr = "Cette plage récurrente est terminée."


class ReasonRequired(SnpError):
    """Taking back a taken or held slot needs a reason: somebody counts on it."""

    slug = "reason-required"
    fr = "Ce créneau est pris : indiquez un motif pour le reprendre."


class SlotNotOpen(Conflict):
    """The slot is hidden, withdrawn, released, or kept only for who has it."""

    slug = "slot-not-open"
    fr = "Ce créneau n’est plus proposé."

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"slot {slot_id} is not open", slot_id=str(slot_id))


class SlotNotOfferedHere(SnpError):
    """The slot is not offered to this audience or in this territory."""

    slug = "slot-not-offered"
    fr = "Ce créneau n’est pas proposé à votre service."

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"slot {slot_id} is not offered here", slot_id=str(slot_id))


class AbsenceLifted(SnpError):
    """The absence was lifted before."""

    slug = "absence-lifted"
    fr = "Cette absence a déjà été levée."
