"""Why a slot is not given to a request, beyond what the claims themselves refuse."""

from __future__ import annotations

from uuid import UUID

from regulation.orientation.facts import Proposals
from slots.appointments.refusals import SlotAlreadyTaken
from snp.assignment.facts import Rule
from snp.errors import NotFound, SnpError


class SlotNoLongerFree(SlotAlreadyTaken):
    """The slot went to somebody else meanwhile; `proposals` are fresh ones, to be held by their slots."""

    def __init__(self, slot_id: UUID | None, proposals: Proposals) -> None:
        super().__init__(slot_id)
        self.proposals = proposals


class SlotDoesNotSuit(SnpError):
    """The chosen slot breaks a rule of the request (too late, too far, not offered to this desk…)."""

    slug = "slot-does-not-suit"
    fr = "Ce créneau ne convient pas à ce dossier : {why}."

    def __init__(self, slot_id: UUID, rule: Rule, why: str) -> None:
        super().__init__(
            f"slot {slot_id} breaks {rule.value}", slot_id=str(slot_id), rule=rule.value, why=why
        )


class SlotsDoNotFollow(SnpError):
    """The chosen slots are not the sessions, or the household's run, that the request needs."""

    slug = "slots-do-not-follow"
    fr = "Ces créneaux ne vont pas ensemble pour ce dossier."


class ProposalNotFound(NotFound):
    """No proposal has this id, for this reader."""

    slug = "proposal-not-found"
    fr = "Cette proposition n’existe pas ou plus."

    def __init__(self, proposal_id: UUID) -> None:
        super().__init__("proposition", proposal_id)


class NotForPatients(SnpError):
    """The appointment is not one that its patient may move himself: over, or planned with others."""

    slug = "not-for-patients"
    fr = "Ce rendez-vous ne se déplace pas ici : appelez qui vous l’a donné."
