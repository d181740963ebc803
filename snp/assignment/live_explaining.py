"""What made a live answer, as French sentences that a regulator can say. Pure; knows no policy."""

from __future__ import annotations

from snp.assignment.stream import Answer, Decision

MEANWHILE = (
    "En attendant : rester joignable, rappeler le 15 si l’état s’aggrave, "
    "et rappeler ce numéro si le délai annoncé passe sans nouvelle."
)
"""What to do meanwhile, said with every refusal."""

_REASONS = {
    "served": "Un créneau est proposé.",
    "promised": "Un rendez-vous est promis avant l’échéance ; le créneau sera précisé plus tard.",
    "promise_named": "Le créneau promis est maintenant fixé.",
    "promise_broken": "La promesse ne peut plus être tenue : ses créneaux ont été retirés.",
    "served_from_waiting_list": "Un créneau s’est présenté pour une demande en liste d’attente.",
    "kept_waiting": "La demande est placée en liste d’attente.",
    "kept_for_others": "Les créneaux libres sont gardés pour des demandes plus pressantes attendues.",
    "no_suitable_slot": "Aucun créneau libre ne convient.",
    "kept_for_promises": "Aucun créneau ne peut être donné maintenant.",
    "no_run_for_household": "Aucune suite de créneaux ne permet de recevoir tout le foyer.",
    "household_already_answered": "Le foyer a déjà reçu sa réponse et aucun créneau ne la prolonge.",
}
_RULES = {
    "p1_is_served": "Priorité P1 : servie d’office tant qu’un créneau convient.",
    "worth_its_price": "Ce créneau vaut plus pour cette demande que pour celles attendues.",
    "share_of_refusals_reached": "Trop de demandes de cette priorité attendent déjà : celle-ci est servie.",
    "waiting_brings_little": "Attendre n’apporterait presque rien.",
    "near_slot_costs_no_more": "Ce créneau proche ne manquera à personne d’autre.",
    "promise_can_be_kept": "Des créneaux déjà publiés garantissent la promesse.",
    "kept_waiting": "Servir maintenant priverait d’autres demandes ; un créneau devrait venir à temps.",
    "kept_for_others": "Servir maintenant coûterait plus aux demandes attendues que cela n’apporte.",
    "nothing_suits": "Profession, lieu, délai et public ont été vérifiés.",
    "p2_is_never_kept": "Priorité P2 : jamais mise en attente tant qu’un créneau convient.",
    "steered_by_contention": "À attente et trajet égaux, le créneau dont les autres ont le moins besoin.",
    "first_come": "Personne d’autre ne cherche : le créneau qui coûte le moins d’attente et de trajet.",
    "regulator_decides": "Créneaux lus à la demande de la régulation, contre l’avis du moteur.",
    "kept_for_promises": "Les créneaux qui conviendraient garantissent des rendez-vous déjà promis.",
    "neighbour_slot": "Rien ne convient dans le territoire : un voisin partage ce créneau.",
    "last_call": "Dernier moment pour préciser l’heure avant le délai de prévenance.",
    "exact_engine": "Affectation d’ensemble des demandes ouvertes.",
    "slots_withdrawn": "Les créneaux qui garantissaient la promesse ont été retirés par leurs praticiens.",
}
_REFUSALS = frozenset(
    {
        "kept_waiting",
        "kept_for_others",
        "kept_for_promises",
        "no_suitable_slot",
        "no_run_for_household",
        "household_already_answered",
        "promise_broken",
    }
)


def explain(answer: Answer) -> list[str]:
    """Sentences: what was answered, by which rule, what was compared, what to do meanwhile."""
    sentences = [_REASONS.get(answer.reason, "Une réponse a été donnée.")]
    if answer.decision is not None:
        sentences.extend(about(answer.decision))
    if answer.reason in _REFUSALS:
        sentences.append(MEANWHILE)
    return sentences


def rule_sentence(rule: str) -> str | None:
    """Return what a rule is called when it is said aloud; None for a rule that needs no word."""
    return _RULES.get(rule)


def about(decision: Decision) -> list[str]:
    """Return what was weighed: the rule, the best slot beside the others, what waiting would bring."""
    sentences = [_RULES[decision.rule]] if decision.rule in _RULES else []
    if decision.alternatives:
        best = decision.alternatives[0]
        others = len(decision.alternatives) - 1
        compared = f", comparé à {others} autre{'s' if others > 1 else ''}" if others else ""
        sentences.append(
            f"Meilleur créneau à {_number(best.km)} km{compared} : il coûterait {_points(best.price)} "
            f"aux demandes attendues, la demande en vaut {decision.value}."
        )
    if decision.value_waiting is not None and decision.value_now is not None:
        chance = max(0.0, min(1.0, decision.value_waiting / decision.value))
        sentences.append(f"Ce que la liste d’attente laisse espérer est estimé à {round(100 * chance)} %.")
    return sentences


def _points(value: float) -> str:
    return f"{_number(value)} point{'s' if value >= 2 else ''}"


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",").removesuffix(",0")
