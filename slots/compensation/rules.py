"""Does the SNP majoration of an act hold? Pure and total.

Source of every rule: NGAP art. 14.1.3 (JO of 14 May 2023), kept as dated values in `tariffs`: a doctor other
than the médecin traitant, solicited by the médecin régulateur of the SAS, within 48 h of his decision, 20
majorations a doctor and week at most, never beside MCG, urgent or PDSA majorations, complex consultations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from slots.compensation.facts import Act, DecisionFact, Mark, Reason, Regulated, Verdict, VerdictStatus
from slots.compensation.tariffs import Rate, Tariffs
from snp.days import say_day, say_delay, say_instant

ARTICLE: Final = "NGAP art. 14.1.3 (JO du 14 mai 2023)"
_EXCLUDED: Final = "snp_excluded_"


@dataclass(slots=True)
class _Judging:
    """What is found of one act while its rules are asked one after the other."""

    proofs: list[Reason] = field(default_factory=list)
    doubts: list[Reason] = field(default_factory=list)
    faults: list[Reason] = field(default_factory=list)

    @property
    def status(self) -> VerdictStatus:
        if self.faults:
            return VerdictStatus.DOES_NOT_HOLD
        return VerdictStatus.TO_CONFIRM if self.doubts else VerdictStatus.HOLDS


def judge_acts(
    acts: Iterable[Act], regulated: Mapping[UUID, Regulated], marks: Mapping[UUID, Mark], tariffs: Tariffs
) -> list[Verdict]:
    """Return the verdict of each honoured act of one doctor, in order of time.

    `acts`: whole weeks of his, in every territory, for the cap counts a doctor wherever he acts. Acts that
    wait for his word keep their place in the week, so that his word changes nobody else's rank.
    """
    counted: Counter[date] = Counter()
    verdicts = []
    for act in sorted(acts, key=lambda one: (one.seen_at, one.appointment_id)):
        if not act.honoured:
            continue
        verdict = judge_act(act, regulated.get(act.request_id), marks.get(act.appointment_id), tariffs)
        if verdict.status is not VerdictStatus.DOES_NOT_HOLD:
            counted[act.week] += 1
            verdict = _capped(verdict, counted[act.week], tariffs.at("snp_weekly_cap", act.day))
        verdicts.append(verdict)
    return verdicts


def missed(act: Act) -> Verdict:
    """The verdict of an act that was honoured and, after all, was not: it takes the place of the first."""
    told = Reason("not_honoured", "Le patient n’est finalement pas venu : il n’y a pas d’acte.", ARTICLE)
    return Verdict(act, VerdictStatus.DOES_NOT_HOLD, 0, (told,))


def judge_act(act: Act, need: Regulated | None, mark: Mark | None, tariffs: Tariffs) -> Verdict:
    """Return what every rule but the weekly cap says of an act."""
    majoration = tariffs.at("snp_majoration", act.day)
    found, billed = _Judging(), tuple(sorted(mark.codes)) if mark else ()
    if majoration is None:
        found.faults.append(
            Reason("not_in_force", "La majoration SNP n’existait pas encore à cette date.", ARTICLE)
        )
        return Verdict(act, found.status, 0, tuple(found.faults), billed=billed)
    if not act.is_doctor:
        found.faults.append(
            Reason("not_a_doctor", "La majoration SNP est réservée aux médecins.", majoration.source)
        )
    others = tariffs.at("snp_other_specialties", act.day)
    if others is not None and act.specialty in others.codes:
        told = "Cette spécialité a une valorisation propre, à la place de la majoration SNP."
        found.faults.append(Reason("other_valuation", told, others.source))
    decision = _regulation(act, need, found, tariffs)
    _medecin_traitant(act, need, mark, found)
    _billing(billed, act.day, found, tariffs)
    reasons = (*found.faults, *found.doubts, *found.proofs)
    amount = majoration.number if found.status is VerdictStatus.HOLDS else 0
    number = need.number if need else None
    return Verdict(act, found.status, amount, reasons, decision, number, billed)


def prior_decision(act: Act, need: Regulated | None) -> DecisionFact | None:
    """The last decision taken before the act was booked: what proves that it was solicited."""
    if need is None:
        return None
    return max(
        (one for one in need.decisions if one.at <= act.booked_at), key=lambda one: one.at, default=None
    )


def _regulation(act: Act, need: Regulated | None, found: _Judging, tariffs: Tariffs) -> DecisionFact | None:
    decision = prior_decision(act, need)
    roles, delay = tariffs.at("snp_regulating_roles", act.day), tariffs.at("snp_delay_hours", act.day)
    if decision is None or need is None or roles is None or decision.role not in roles.codes:
        found.faults.append(
            Reason(
                "not_regulated",
                "Aucune décision du médecin régulateur ne précède ce rendez-vous.",
                ARTICLE if roles is None else roles.source,
            )
        )
        return decision
    when = say_instant(decision.at, year=True)
    told = f"Régulation préalable : décision du médecin régulateur le {when}, dossier {need.number}."
    found.proofs.append(Reason("regulated", told, roles.source))
    if delay is not None:
        _delay(act, decision, found, delay)
    return decision


def _delay(act: Act, decision: DecisionFact, found: _Judging, delay: Rate) -> None:
    """Elapsed hours, whatever the clocks on the wall did meanwhile; the limit itself is in time."""
    waited = act.seen_at - decision.at
    told = say_delay(waited)
    if waited <= timedelta(hours=delay.number):
        sentence = f"Vu {told} après la décision, dans les {delay.number}\u00a0h."
        found.proofs.append(Reason("within_delay", sentence, delay.source))
    else:
        sentence = f"Vu {told} après la décision : le délai est de {delay.number}\u00a0h."
        found.faults.append(Reason("too_late", sentence, delay.source))


def _medecin_traitant(act: Act, need: Regulated | None, mark: Mark | None, found: _Judging) -> None:
    """Who is the médecin traitant by the dossier stays so; what it leaves open, the practitioner tells."""
    said = None if mark is None else mark.is_mt
    known = None if need is None else need.mt_practitioner_id
    if said or known == act.practitioner_id:
        found.faults.append(Reason("is_mt", "Le praticien est le médecin traitant du patient.", ARTICLE))
    elif said is False:
        found.proofs.append(
            Reason("said_not_mt", "Le praticien a déclaré ne pas être le médecin traitant.", ARTICLE)
        )
    elif known is not None:
        found.proofs.append(Reason("not_mt", "Le médecin traitant est un autre médecin.", ARTICLE))
    elif need is not None and need.has_mt is False:
        found.proofs.append(Reason("no_mt", "Le patient a déclaré n’avoir pas de médecin traitant.", ARTICLE))
    else:
        sentence = "Le médecin traitant n’a pas été identifié : confirmez que ce n’est pas vous."
        found.doubts.append(Reason("mt_not_identified", sentence, ARTICLE))


def _billing(billed: tuple[str, ...], day: date, found: _Judging, tariffs: Tariffs) -> None:
    for family in tariffs.starting_with(_EXCLUDED, day):
        for code in billed:
            if code in family.codes:
                sentence = f"{code} a été facturé avec cet acte ({family.label.lower()}) : pas de cumul."
                found.faults.append(Reason("billed_with_excluded", sentence, family.source))


def _capped(verdict: Verdict, rank: int, cap: Rate | None) -> Verdict:
    if cap is None:
        return replace(verdict, rank=rank)
    week = f"de la semaine du {say_day(verdict.act.week, year=True)}"
    place = "1er" if rank == 1 else f"{rank}e"
    if rank <= cap.number:
        told = Reason("within_week", f"{place} acte {week}, pour {cap.number} au plus.", cap.source)
        return replace(verdict, rank=rank, reasons=(*verdict.reasons, told))
    told = Reason("beyond_week", f"{place} acte {week} : {cap.number} au plus.", cap.source)
    return replace(
        verdict,
        status=VerdictStatus.DOES_NOT_HOLD,
        amount_cents=0,
        rank=rank,
        reasons=(told, *verdict.reasons),
    )
