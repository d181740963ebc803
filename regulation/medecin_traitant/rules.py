"""Is there a médecin traitant, was he called, can he see the patient in time? Pure and total.

The questions are asked in the order of the regulation's flow; the first that settles the matter does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from regulation.facts import Reason
from regulation.intake.facts import MtAnswers, MtStatus
from regulation.medecin_traitant.facts import MtVerdict, MtVerdictKind
from snp.days import say_instant

_FLOW: Final = (
    "Parcours de régulation SNP : « Avez-vous un médecin traitant ? L’avez-vous appelé ? » "
    "(F. Guillaud, Les CPTS, thèse, Nantes 2023)"
)
_COORDINATED: Final = "Parcours de soins coordonné, CSS art. L162-5-3"

K = MtVerdictKind


def verdict(
    answers: MtAnswers, *, needed_by: datetime, now: datetime, found_appointment: datetime | None = None
) -> MtVerdict:
    """What the médecin traitant question concludes.

    `needed_by`: the end of the delay within which care must be given. `found_appointment`: the start of an
    appointment that the service itself knows of for the same patient and need; set aside when the caller says
    that it is for something else. An appointment in the past counts for nothing.
    """
    held = _held_appointment(answers, found_appointment, now)
    if held is not None and held <= needed_by:
        return _keep(held)
    too_late = () if held is None else (_held_too_late(held),)
    about_mt = _about_mt(answers, needed_by, now)
    if about_mt.kind is K.GO_ON and too_late:
        return MtVerdict(K.GO_ON, about_mt.status, (*too_late, *about_mt.reasons), excluded=about_mt.excluded)
    return about_mt


def _held_appointment(answers: MtAnswers, found: datetime | None, now: datetime) -> datetime | None:
    """The earliest appointment to come that the patient holds for this need."""
    said = answers.holds_appointment_at
    known = (said, None if answers.other_need else found)
    return min((start for start in known if start is not None and start >= now), default=None)


def _about_mt(answers: MtAnswers, needed_by: datetime, now: datetime) -> MtVerdict:
    if answers.has_mt is None:
        return _go_on(MtStatus.UNKNOWN, "mt_unknown", "Médecin traitant inconnu : la régulation continue.")
    if not answers.has_mt:
        return _go_on(MtStatus.NONE, "no_mt", "Pas de médecin traitant : la régulation continue.")
    if answers.absent:
        excluded = frozenset[UUID](
            () if answers.mt_practitioner_id is None else (answers.mt_practitioner_id,)
        )
        return _go_on(
            MtStatus.UNAVAILABLE, "mt_absent", "Médecin traitant absent et non remplacé.", excluded=excluded
        )
    if not answers.called:
        return MtVerdict(
            K.CALL_MT_FIRST,
            MtStatus.NOT_CALLED,
            (
                Reason(
                    "call_mt_first",
                    "Appelez d’abord votre médecin traitant ; le dossier vous attend et peut être repris.",
                    _FLOW,
                ),
            ),
        )
    return _after_the_call(answers, needed_by, now)


def _after_the_call(answers: MtAnswers, needed_by: datetime, now: datetime) -> MtVerdict:
    offered = answers.offered_at
    if offered is not None and offered > needed_by:
        return _go_on(
            MtStatus.TOO_LATE,
            "mt_too_late",
            f"Le médecin traitant propose {say_instant(offered)}, trop tard pour ce besoin.",
        )
    if (offered is not None and offered >= now) or answers.available:
        when = "" if offered is None else f" {say_instant(offered)}"
        reason = Reason(
            "mt_available",
            f"Le médecin traitant peut voir le patient{when} : c’est lui qui le reçoit.",
            _COORDINATED,
        )
        return MtVerdict(K.BACK_TO_MT, MtStatus.AVAILABLE, (reason,), seen_at=offered)
    return _go_on(
        MtStatus.UNAVAILABLE,
        "mt_unavailable",
        "Le médecin traitant ne peut pas voir le patient dans le délai.",
    )


def _go_on(
    status: MtStatus, code: str, sentence: str, *, excluded: frozenset[UUID] = frozenset()
) -> MtVerdict:
    return MtVerdict(K.GO_ON, status, (Reason(code, sentence, _FLOW),), excluded=excluded)


def _keep(held: datetime) -> MtVerdict:
    sentence = f"Un rendez-vous est déjà pris {say_instant(held)}, dans le délai : il est conservé."
    return MtVerdict(
        K.KEEP_APPOINTMENT,
        MtStatus.ALREADY_BOOKED,
        (Reason("appointment_already_held", sentence, _FLOW),),
        seen_at=held,
    )


def _held_too_late(held: datetime) -> Reason:
    sentence = f"Le rendez-vous déjà pris {say_instant(held)} est trop tard pour ce besoin."
    return Reason("held_appointment_too_late", sentence, _FLOW)
