"""Why a rota refuses: one class a reason, with the sentence its people read."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from slots.rota.facts import Conflict as Clash
from snp.errors import Conflict, NotFound, SnpError


class RotaNotFound(NotFound):
    """No rota, shift, plan, turn, exchange or offer has this id."""

    slug = "rota-not-found"
    fr = "Introuvable dans ce roulement : {what}."


class NotInTheRota(SnpError):
    """The practitioner does not take part in this rota, or cannot."""

    slug = "not-in-the-rota"
    fr = "Ce professionnel ne peut pas prendre part à ce roulement : {reason}"

    def __init__(self, practitioner_id: UUID, reason: str) -> None:
        super().__init__(
            f"practitioner {practitioner_id} is not in the rota",
            practitioner_id=str(practitioner_id),
            reason=reason,
        )


class PlanInProgress(Conflict):
    """A plan of this rota waits to be solved or decided on."""

    slug = "rota-plan-in-progress"
    fr = "Un projet de roulement attend déjà : confirmez-le ou écartez-le d’abord."


class PlanNotConfirmable(Conflict):
    """The plan was decided on, holds no rota, or what it was made from has changed."""

    slug = "rota-plan-not-confirmable"
    fr = "Ce projet ne peut pas être confirmé : {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__("plan not confirmable", reason=reason)


class RotaRuleBroken(SnpError):
    """The change would break hard rules of the rota."""

    slug = "rota-rule-broken"
    fr = "Ce changement n’est pas possible. {sentences}"

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(
            f"{len(clashes)} rules of the rota would be broken",
            sentences=" ".join(each.sentence for each in clashes),
            rules=[each.rule.value for each in clashes],
        )


class TurnOver(Conflict):
    """The turn or shift has begun, or changed hands since."""

    slug = "rota-turn-over"
    fr = "Cette garde a commencé ou a changé de mains : rechargez la page."


class AlreadyProposed(Conflict):
    """The turn is already proposed in exchange, or the carer already offered to hold the shift."""

    slug = "rota-already-proposed"
    fr = "C’est déjà proposé : attendez la réponse, ou retirez la proposition."


class AlreadyReplied(Conflict):
    """The exchange or offer was answered before."""

    slug = "rota-already-replied"
    fr = "Une réponse a déjà été donnée : rechargez la page."


class ShiftFull(Conflict):
    """The shift has the carers it may have."""

    slug = "rota-shift-full"
    fr = "Cette garde est déjà pourvue."
