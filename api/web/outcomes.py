"""The page of advice that ends a desk's question: the 15, the 116 117, the PDSA, or the counter itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi.responses import HTMLResponse

from api.deps import PageVisit
from api.web.drafts import Draft, Verdict
from api.web.rendering import render
from regulation.orientation.facts import DeskOutcome
from regulation.triage.facts import EligibilityOutcome
from snp.days import say_instant

PHARMACIST_CARE: Final = EligibilityOutcome.PHARMACIST.value


@dataclass(frozen=True, slots=True)
class Advice:
    """What a desk is told to do. `number`: what to dial, if anybody."""

    heading: str
    sentence: str
    number: str = ""
    calm: bool = True


_EMERGENCY: Final = Advice(
    "Appelez le 15",
    "Un signe d’alerte est présent. Restez avec le patient, appelez le SAMU, suivez ses consignes.",
    number="15",
    calm=False,
)
_REGULATION: Final = Advice(
    "Faites composer le {number}",
    "Ce besoin ne se règle pas depuis le comptoir. Le médecin régulateur orientera le patient.",
    number="116 117",
)
_ADVICE: Final = {
    EligibilityOutcome.RED_FLAG.value: _EMERGENCY,
    DeskOutcome.CALL_15.value: _EMERGENCY,
    EligibilityOutcome.NOT_ELIGIBLE.value: _REGULATION,
    DeskOutcome.CALL_116117.value: _REGULATION,
    DeskOutcome.PDSA.value: Advice(
        "Les soins non programmés sont fermés : faites composer le {number}",
        "La permanence des soins prend le relais à cette heure. Si l’état du patient s’aggrave, le 15.",
        number="116 117",
    ),
    DeskOutcome.PHARMACIST.value: Advice(
        "Vous pouvez régler ce cas au comptoir",
        "Réalisez le test si vous êtes formé et si le patient l’accepte. Sinon, ou si le test conduit au "
        "médecin, continuez : un créneau sera cherché.",
    ),
    DeskOutcome.KEEP_APPOINTMENT.value: Advice(
        "Le patient a déjà un rendez-vous",
        "Il le garde : aucun autre créneau n’est réservé pour le même besoin.",
    ),
}


def outcome_page(visit: PageVisit, draft: Draft, *, info: str | None = None) -> HTMLResponse:
    """Return the page of advice of a draft whose verdict ends it."""
    assert draft.verdict is not None
    advice = _ADVICE[draft.verdict.outcome]
    return render(
        "outcome.html",
        visit=visit,
        info=info,
        heading=advice.heading.format(number=advice.number),
        sentence=advice.sentence,
        number=advice.number,
        calm=advice.calm,
        reasons=draft.verdict.reasons,
        trace=_trace(draft.verdict),
        may_decline=draft.verdict.outcome == PHARMACIST_CARE,
        draft_id=draft.id,
    )


def trace_number(trace_id: UUID) -> str:
    """Return a trace's number as it can be read out on the phone: the random end of its identifier."""
    tail = trace_id.hex[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}"


def _trace(verdict: Verdict) -> str:
    if verdict.trace_id is None:
        return ""
    number = trace_number(verdict.trace_id)
    asked = say_instant(verdict.at, year=True)
    return f"Trace n° {number}, {asked} : la question et sa réponse sont conservées."
