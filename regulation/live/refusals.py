"""Why a slot is not given, or a promise not made, beyond what suits a request."""

from __future__ import annotations

from uuid import UUID

from snp.errors import Conflict, SnpError


class SlotKeptForPromise(SnpError):
    """The slot stands surety for a promise made to somebody else, and no other slot could."""

    slug = "slot-kept-for-promise"
    fr = "Ce créneau garantit un rendez-vous déjà promis à un autre patient."

    def __init__(self, slot_id: UUID) -> None:
        super().__init__(f"slot {slot_id} is needed for a promise", slot_id=str(slot_id))


class NoPromise(SnpError):
    """No promise can be made: the territory's mode, the kind of request, or no slot to stand surety."""

    slug = "no-promise"
    fr = "Aucune promesse n’est possible : {why}."

    def __init__(self, why: str) -> None:
        super().__init__("no promise can be made", why=why)


class AlreadyPromised(Conflict):
    """The request already holds a promise."""

    slug = "already-promised"
    fr = "Ce dossier a déjà la promesse d’un rendez-vous."
