"""Why an agreement between territories is refused."""

from __future__ import annotations

from uuid import UUID

from slots.agenda.refusals import SlotNotOfferedHere
from slots.sharing.facts import SharingState
from snp.errors import Conflict, NotFound


class SharingNotFound(NotFound):
    """No agreement has this id, for this reader."""

    slug = "sharing-not-found"
    fr = "Cet accord de partage n’existe pas."

    def __init__(self, sharing_id: UUID) -> None:
        super().__init__("accord de partage", sharing_id)


class SharingSettled(Conflict):
    """The agreement is not in a state from which this may be done."""

    slug = "sharing-settled"
    fr = "Cet accord ne peut plus changer ainsi : il est {told}."

    def __init__(self, state: SharingState) -> None:
        super().__init__(f"the agreement is {state.value}", state=state.value, told=STATES_FR[state])


class TooManySharings(Conflict):
    """The two territories already have as many running agreements as they may."""

    slug = "too-many-sharings"
    fr = "Ces deux territoires ont déjà {most} accords en cours : terminez-en un d’abord."

    def __init__(self, most: int) -> None:
        super().__init__("too many agreements", most=most)


class LentOut(SlotNotOfferedHere):
    """The agreements that would lend the slot have given all they may on that day."""

    slug = "lent-out"
    fr = "Le territoire voisin a déjà prêté tous les créneaux convenus pour ce jour."


STATES_FR = {
    SharingState.OFFERED: "proposé",
    SharingState.ACCEPTED: "accepté",
    SharingState.DECLINED: "refusé",
    SharingState.ENDED: "terminé",
}
