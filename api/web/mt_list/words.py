"""How the list says its codes in French, and the choices that its forms offer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from api.web.desk_views import Option
from regulation.intake.facts import Sex
from regulation.medecin_traitant.register.facts import (
    CloseReason,
    EntryMove,
    EntryOrigin,
    EntryState,
    PickOutcome,
    PracticeAnswer,
    RefusalReason,
)
from snp.days import local_day

TONES: Final[Mapping[EntryState, str]] = {
    EntryState.WAITING: "care",
    EntryState.PICKED: "good",
    EntryState.AGREED: "good",
    EntryState.SIGNED: "good",
}
ORIGINS: Final[Mapping[EntryOrigin, str]] = {
    EntryOrigin.PATIENT: "par la personne, en ligne",
    EntryOrigin.PHARMACY: "en pharmacie",
    EntryOrigin.NURSE: "au cabinet infirmier",
    EntryOrigin.REGULATION: "par la régulation",
}
MOVES: Final[Mapping[EntryMove, str]] = {
    EntryMove.SIGN_UP: "Inscription",
    EntryMove.CONFIRM: "Inscription confirmée",
    EntryMove.RECONFIRM: "Cherche toujours",
    EntryMove.CORRECT: "Situation corrigée",
    EntryMove.PRACTICE_ASKED: "Cabinet sollicité",
    EntryMove.PICK: "Accepté par un cabinet",
    EntryMove.CALLED: "Appelé par le cabinet",
    EntryMove.RETURN: "Revenu sur la liste",
    EntryMove.SIGN: "Déclaration signée",
    EntryMove.CLOSE: "Clos",
    EntryMove.ERASE: "Données effacées",
}
ANSWERS: Final[Mapping[PracticeAnswer, str]] = {
    PracticeAnswer.REFUSED: "Refuse",
    PracticeAnswer.NO_ANSWER: "Ne répond pas",
    PracticeAnswer.THINKING: "Doit rappeler",
    PracticeAnswer.ACCEPTED: "Accepte",
}
REFUSALS: Final[Mapping[RefusalReason, str]] = {
    RefusalReason.FULL: "Patientèle complète",
    RefusalReason.RETIRING: "Départ ou retraite proche",
    RefusalReason.OUT_OF_AREA: "Trop loin, hors secteur",
    RefusalReason.NO_HOME_VISITS: "Pas de visites à domicile",
    RefusalReason.FAMILY_ONLY: "Seulement les familles déjà suivies",
    RefusalReason.NO_REASON: "Sans motif",
    RefusalReason.OTHER: "Autre",
}
CLOSINGS: Final[Mapping[CloseReason, str]] = {
    CloseReason.FOUND: "A trouvé un médecin traitant",
    CloseReason.WITHDRAWN: "Se retire : tout effacer",
    CloseReason.DUPLICATE: "Inscrit deux fois",
    CloseReason.MOVED: "A quitté le territoire",
    CloseReason.DECEASED: "Est décédé",
    CloseReason.AGED_OUT: "Sans réponse aux rappels",
}
OUTCOMES: Final[Mapping[PickOutcome, str]] = {
    PickOutcome.SIGNED: "Déclaration signée",
    PickOutcome.PATIENT_DECLINED: "La personne refuse",
    PickOutcome.UNREACHABLE: "Injoignable",
    PickOutcome.NOT_CALLED: "Pas appelée à temps",
    PickOutcome.NOT_SIGNED: "Déclaration non signée",
    PickOutcome.PRACTICE_GAVE_UP: "Le cabinet renonce",
    PickOutcome.ENTRY_CLOSED: "Inscription close entre-temps",
}
SEX_OPTIONS: Final = (
    Option(Sex.FEMALE.value, "Femme"),
    Option(Sex.MALE.value, "Homme"),
    Option(Sex.UNKNOWN.value, "Non précisé"),
)


def options(words: Mapping[Any, str], *, nothing: str = "") -> list[Option]:
    """Return the choices of a closed list, after an empty one when it has a label."""
    first = [Option("", nothing)] if nothing else []
    return first + [Option(str(code), label) for code, label in words.items()]


def since(instant: datetime, now: datetime) -> str:
    """Return how long somebody has waited: « depuis le 03/02/2026, 41 jours »."""
    days = (local_day(now) - local_day(instant)).days
    return f"depuis le {local_day(instant):%d/%m/%Y}, {days}\u00a0jour{'s' if days > 1 else ''}"


def count(value: int | None) -> str:
    """Return a figure; « moins de 5 » for one that is not told."""
    return "moins de 5" if value is None else str(value)
