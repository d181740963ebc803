"""What is told of a series of physiotherapy, in French: never what a sheet says. Pure.

Source: CNIL, guide de la sécurité des données personnelles 2024, fiche 21 (no health data by SMS or plain
e-mail).
"""

from __future__ import annotations

from typing import Final

from regulation.messages.facts import Kind, Letter, Medium
from regulation.messages.rules import gsm
from regulation.messages.texts import SIGNED

KINDS: Final = frozenset(
    {
        Kind.PATIENT_SHEET,
        Kind.PRESCRIBER_SHEET,
        Kind.CARER_OFFERED_SERIES,
        Kind.CARER_OFFER_ANSWERED,
        Kind.CARER_SHEET_MISSING,
    }
)
_SUBJECTS: Final = {
    Kind.PRESCRIBER_SHEET: "Une fiche est à votre disposition",
    Kind.CARER_OFFERED_SERIES: "Un confrère vous propose une série de séances",
    Kind.CARER_OFFER_ANSWERED: "Votre confrère a répondu",
    Kind.CARER_SHEET_MISSING: "Une fiche est à remplir",
}
_TOLD: Final = {
    Kind.PRESCRIBER_SHEET: "La fiche d’un patient que vous avez adressé est terminée.",
    Kind.CARER_OFFERED_SERIES: "Un confrère vous propose de reprendre la suite d’une série de séances.",
    Kind.CARER_OFFER_ANSWERED: "Le confrère à qui vous proposiez une série de séances a répondu.",
    Kind.CARER_SHEET_MISSING: "Une série de séances est finie et sa fiche n’est pas terminée.",
}


def to_carer(kind: Kind, medium: Medium, to: str, page: str) -> Letter:
    """What a carer reads: what happened, and where, behind his sign-in."""
    if medium is Medium.SMS:
        return Letter(medium, to, "", gsm(f"SNP : {_SUBJECTS[kind]}. {page}"))
    return Letter(medium, to, _SUBJECTS[kind], f"Bonjour,\n\n{_TOLD[kind]}\n\nLa voir : {page}{SIGNED}")


def to_patient_email(address: str, page: str) -> Letter:
    """What a patient reads in his e-mail."""
    text = f"Bonjour,\n\nVotre document est prêt. Le lire, avec votre date de naissance : {page}{SIGNED}"
    return Letter(Medium.EMAIL, address, "Votre document est prêt", text)
