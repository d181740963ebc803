"""What the live policy's answers are called: French sentences that a regulator can say aloud. Pure.

The words of the rules and of what was weighed are those of replayed streams: `live_explaining`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, assert_never

from regulation.facts import Reason
from regulation.live.facts import Basis, Fallback, Outcome, PromiseEnding, PromiseView, Weighing
from snp.assignment import live_explaining
from snp.assignment.stream import Alternative, Answer, Decision
from snp.days import say_instant

SOURCE: Final = "Politique du moteur (docs/adr/0050)"
_FALLBACKS: Final = {
    Fallback.ABSENT: "Les prix ne sont pas encore calculés pour cette profession : ordre sans prévision.",
    Fallback.STALE: "Les prix sont trop anciens : ordre sans prévision.",
    Fallback.EXACT: "Ce territoire affecte sans prévision.",
}
_ENDINGS: Final = {
    PromiseEnding.NAMED: "L’heure promise a été précisée.",
    PromiseEnding.REPLACED: "Le patient a pris un autre créneau.",
    PromiseEnding.GIVEN_UP: "Le dossier s’est terminé sans qu’un créneau reste à préciser.",
    PromiseEnding.BROKEN: "La promesse n’a pas pu être tenue : ses créneaux ont été retirés.",
}
_REASONS: Final = {
    Outcome.OFFERED: "served",
    Outcome.PROMISE_OFFERED: "promised",
    Outcome.PROMISED: "promised",
    Outcome.NAMED: "promise_named",
    Outcome.SERVED: "served_from_waiting_list",
    Outcome.BROKEN: "promise_broken",
}
_WAITING: Final = {"kept_waiting": "kept_waiting", "nothing_suits": "no_suitable_slot"}


def seen_before(deadline: datetime) -> str:
    """Return the promise itself."""
    return f"Vous serez vu avant {say_instant(deadline)}."


def promise_terms(notice_minutes: int) -> str:
    """Return what a promise holds beside its instant."""
    return (
        f"L’heure et le lieu seront précisés au plus tard {notice_minutes} minutes avant le rendez-vous ; "
        "le patient peut aussi demander une heure tout de suite."
    )


def decision_sentences(weighing: Weighing, at: datetime, request_id: str) -> tuple[str, ...]:
    """Return a decision as sentences: what was said, by which rule, what was compared, what to do."""
    answer = Answer(at, request_id, reason=_reason(weighing), decision=_decision(weighing))
    told = live_explaining.explain(answer)
    if weighing.fallback is not None and weighing.outcome in {Outcome.OFFERED, Outcome.WAITING}:
        told.insert(1, _FALLBACKS[weighing.fallback])
    if weighing.prices_at is not None and weighing.basis is Basis.PRICES:
        told.append(f"Prix calculés {say_instant(weighing.prices_at)} sur {weighing.scenarios} futurs.")
    return tuple(told)


def advice(
    weighing: Weighing, at: datetime, request_id: str, more: tuple[str, ...] = ()
) -> tuple[Reason, ...]:
    """Return what is read out beside the proposals, `more` first."""
    told = (*more, *decision_sentences(weighing, at, request_id))
    return tuple(Reason(weighing.rule, sentence, SOURCE) for sentence in told)


def place_on_list(place: int) -> str:
    """Return where a request stands on the waiting list."""
    rank = "la première" if place == 1 else f"la {place}ᵉ"
    return f"La demande est {rank} de la liste d’attente : servie dès qu’un créneau se libère."


def promise_sentence(promise: PromiseView) -> str:
    """Return how a promise stands."""
    made = f"Promesse faite {say_instant(promise.made_at)} : vu avant {say_instant(promise.seen_before)}."
    return made if promise.ending is None else f"{made} {_ENDINGS[promise.ending]}"


def waiting_reason(weighing: Weighing | None) -> Reason:
    """Return why a request waits, by what was last said of it."""
    if weighing is None:
        return Reason("not_proposed_yet", "Décidée ; aucun créneau ne lui a encore été proposé.", SOURCE)
    match weighing.outcome:
        case Outcome.OFFERED | Outcome.PROMISE_OFFERED:
            sentence = "Une réponse lui a été lue ; rien n’a encore été choisi."
        case Outcome.WAITING:
            sentence = live_explaining.rule_sentence(weighing.rule) or "Aucun créneau libre ne convient."
        case Outcome.PROMISED:
            sentence = "Un rendez-vous lui est promis ; l’heure reste à préciser."
        case Outcome.NAMED | Outcome.SERVED:
            sentence = "Son rendez-vous a été annulé : elle cherche de nouveau."
        case Outcome.BROKEN:
            sentence = "Sa promesse n’a pas pu être tenue : elle passe avant les autres."
        case _:
            assert_never(weighing.outcome)
    return Reason(weighing.rule, sentence, SOURCE)


def next_step(deadline: datetime | None, promise: PromiseView | None) -> Reason:
    """Return what comes next for a request that waits."""
    if promise is not None:
        sentence = (
            f"L’heure sera précisée au plus tard {promise.notice_minutes} minutes avant le créneau, "
            f"pour être vu avant {say_instant(promise.seen_before)}."
        )
        return Reason("slot_to_be_named", sentence, SOURCE)
    if deadline is None:
        return Reason("served_when_freed", "Servie dès qu’un créneau se libère.", SOURCE)
    sentence = (
        f"Servie dès qu’un créneau se libère ; à rappeler si rien ne vient avant {say_instant(deadline)}."
    )
    return Reason("served_when_freed", sentence, SOURCE)


def _reason(weighing: Weighing) -> str:
    if weighing.outcome is Outcome.WAITING:
        return _WAITING.get(weighing.rule, "no_suitable_slot")
    return _REASONS[weighing.outcome]


def _decision(weighing: Weighing) -> Decision:
    priced = [slot for slot in weighing.alternatives if slot.price is not None]
    return Decision(
        rule=weighing.rule,
        value=weighing.value,
        value_now=weighing.value_now,
        value_waiting=weighing.value_waiting,
        alternatives=tuple(Alternative(str(s.slot_id), s.price or 0.0, s.km) for s in priced),
        scenarios=weighing.scenarios,
    )
