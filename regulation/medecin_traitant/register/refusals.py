"""Why the list refuses: one class a reason, with the sentence its user reads."""

from __future__ import annotations

from snp.errors import Conflict, SnpError


class EntryMoved(Conflict):
    """The entry stands where this is not possible."""

    slug = "mt-entry-moved"
    fr = "Cette inscription est « {state_label} » : cette action n’y est pas possible."

    def __init__(self, state_label: str) -> None:
        super().__init__("not possible from there", state_label=state_label)


class AlreadyOnTheList(Conflict):
    """The same person with the same phone or e-mail is on the list; told to professionals only."""

    slug = "mt-already-listed"
    fr = "Cette personne est déjà sur la liste ({number})."

    def __init__(self, number: str) -> None:
        super().__init__("already on the list", number=number)


class NoPlaceLeft(Conflict):
    """The declaration is over, full, or not for such a person."""

    slug = "mt-no-place-left"
    fr = "Il ne reste pas de place pour cette personne dans votre déclaration."


class PickEnded(Conflict):
    """The pick already ended."""

    slug = "mt-pick-ended"
    fr = "Ce choix est terminé : rechargez la page."


class NotADoctor(SnpError):
    """Only a doctor is declared as médecin traitant (CSS L162-5-3)."""

    slug = "mt-not-a-doctor"
    fr = "Seul un médecin peut déclarer des places de médecin traitant."
