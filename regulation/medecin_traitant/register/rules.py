"""How an entry moves, whom a place is for, what is due when, what a figure may tell. Pure and total.

Every move of an entry passes through `next_state`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from regulation.medecin_traitant.register.facts import (
    Circumstances,
    EntryMove,
    EntryState,
    EntryView,
    PickView,
    PlaceTerms,
    PracticeAnswer,
    PracticeCall,
)
from regulation.medecin_traitant.register.points import age_in_year
from regulation.medecin_traitant.register.refusals import EntryMoved
from regulation.medecin_traitant.register.terms import Delays
from snp.days import at_local, day_bounds, local, local_day
from snp.errors import InvalidValue
from snp.platform.actors import DESK_ROLES, REGULATION_ROLES, Actor, Role

S, M = EntryState, EntryMove

CONSENT_VERSION: Final = "2026.1"
CONSENT_TEXT: Final = (
    "J’accepte d’être inscrit sur la liste des personnes sans médecin traitant de la CPTS. Les cabinets"
    " qui ont de la place voient, sans mon nom, ma tranche d’âge, ma commune, si j’ai une affection de longue"
    " durée, depuis quand j’attends et mes points. Le cabinet qui m’accepte voit qui je suis et comment me"
    " joindre ; la régulation, et le comptoir qui m’inscrit, aussi ; personne d’autre. Je peux me retirer à"
    " tout moment : ce que j’ai donné est alors effacé."
)
"""What is agreed to. Source: RGPD art. 6(1)a, 7, 9(2)a and 17."""

LIVE: Final = frozenset({S.UNCONFIRMED, S.WAITING, S.PICKED, S.AGREED})
ON_THE_LIST: Final = frozenset({S.WAITING, S.PICKED, S.AGREED})
SMALL: Final = 5
"""Counts from 1 to 4 are not told. Source: the project's rule for figures (small numbers masked)."""

MOST_PLACES: Final = 200
MAX_NOTE: Final = 200
OLDEST_AGE: Final = 125
LONGEST_DECLARATION: Final = timedelta(days=366)
LONGEST_PREGNANCY: Final = timedelta(days=294)
"""42 weeks. Source: CNGOF, recommandations « grossesse prolongée » 2011."""
OLDEST_DISCHARGE: Final = timedelta(days=366)
FARTHEST_CALL: Final = timedelta(days=366)

_MOVES: Final[dict[EntryMove, dict[EntryState, EntryState]]] = {
    M.CONFIRM: {S.UNCONFIRMED: S.WAITING},
    M.RECONFIRM: {state: state for state in ON_THE_LIST},
    M.CORRECT: {state: state for state in LIVE},
    M.PRACTICE_ASKED: {state: state for state in ON_THE_LIST},
    M.PICK: {S.WAITING: S.PICKED},
    M.CALLED: {S.PICKED: S.AGREED},
    M.RETURN: {S.PICKED: S.WAITING, S.AGREED: S.WAITING},
    M.SIGN: {S.PICKED: S.SIGNED, S.AGREED: S.SIGNED},
    M.CLOSE: dict.fromkeys(LIVE, S.CLOSED),
    M.ERASE: {S.SIGNED: S.SIGNED, S.CLOSED: S.CLOSED},
}

STATE_LABELS: Final[dict[EntryState, str]] = {
    S.UNCONFIRMED: "à confirmer",
    S.WAITING: "en attente d’un cabinet",
    S.PICKED: "un cabinet doit appeler",
    S.AGREED: "déclaration à signer",
    S.SIGNED: "médecin traitant déclaré",
    S.CLOSED: "clos",
}


_EMAIL: Final = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,180}\.[^\s@<>,;:\"]{2,}")


def next_state(state: EntryState | None, move: EntryMove) -> EntryState:
    """Return where a move leads; raises `EntryMoved` when the entry stands elsewhere."""
    reached = None if state is None else _MOVES[move].get(state)
    if reached is None:
        raise EntryMoved("" if state is None else STATE_LABELS[state])
    return reached


def may_see(actor: Actor, view: EntryView) -> bool:
    """Tell whether an actor may see an entry: regulation by territory, desks what they brought, jobs all.

    A practice sees cards and its own picks, which are judged there; a coordinator sees figures only (ADR 72).
    """
    if actor.role is Role.SYSTEM:
        return True
    if actor.role in DESK_ROLES:
        return actor.organisation is not None and view.organisation_id == actor.organisation
    return actor.role in REGULATION_ROLES and view.territory_id in actor.territories


def suits(terms: PlaceTerms, entry: EntryView, today: date) -> bool:
    """Tell whether a place was declared for such a person."""
    if entry.birth_year is None or entry.insee is None:
        return False
    age = age_in_year(entry.birth_year, today)
    return (
        (not terms.communes or entry.insee in terms.communes)
        and (terms.age_from is None or age >= terms.age_from)
        and (terms.age_to is None or age <= terms.age_to)
        and (entry.ald or not terms.ald_only)
    )


def checked_email(email: str | None) -> str | None:
    """Return an address in normal form; None for none. Raises `InvalidValue`."""
    text = (email or "").strip().lower()
    if text and not _EMAIL.fullmatch(text):
        raise InvalidValue("email", "cette adresse électronique n’est pas complète.")
    return text or None


def checked_circumstances(told: Circumstances, today: date) -> Circumstances:
    """Return what was told when it can be true. Raises `InvalidValue`."""
    due, left = told.pregnant_until, told.discharged_on
    if due is not None and not today <= due <= today + LONGEST_PREGNANCY:
        raise InvalidValue("pregnant_until", "la date prévue est dans les neuf mois à venir.")
    if left is not None and not today - OLDEST_DISCHARGE <= left <= today:
        raise InvalidValue("discharged_on", "la sortie d’hôpital est dans l’année passée.")
    return told


def checked_terms(terms: PlaceTerms, today: date) -> PlaceTerms:
    """Return a declaration when it can hold. Raises `InvalidValue`."""
    if not 1 <= terms.places <= MOST_PLACES:
        raise InvalidValue("places", f"de 1 à {MOST_PLACES} places.")
    if not today <= terms.valid_until <= today + LONGEST_DECLARATION:
        raise InvalidValue("valid_until", "d’aujourd’hui à un an au plus.")
    for name in ("age_from", "age_to"):
        age = getattr(terms, name)
        if age is not None and not 0 <= age <= OLDEST_AGE:
            raise InvalidValue(name, f"de 0 à {OLDEST_AGE} ans.")
    if terms.age_from is not None and terms.age_to is not None and terms.age_from > terms.age_to:
        raise InvalidValue("age_to", "l’âge le plus haut vient après le plus bas.")
    return terms


def checked_call(call: PracticeCall, today: date) -> PracticeCall:
    """Return what was typed of a practice when it is whole. Raises `InvalidValue`."""
    if (call.practitioner_id is None) == (not (call.practice or "").strip()):
        raise InvalidValue("practice", "indiquez le cabinet : de l’annuaire, ou par son nom.")
    if (call.answer is PracticeAnswer.REFUSED) != (call.reason is not None):
        raise InvalidValue("reason", "un refus, et lui seul, a un motif.")
    if len(call.note or "") > MAX_NOTE:
        raise InvalidValue("note", f"{MAX_NOTE} caractères au plus.")
    if len(call.practice or "") > MAX_NOTE:
        raise InvalidValue("practice", f"{MAX_NOTE} caractères au plus.")
    next_on = call.next_call_on
    if next_on is not None and not today <= next_on <= today + FARTHEST_CALL:
        raise InvalidValue("next_call_on", "d’aujourd’hui à un an au plus.")
    return call


def call_by(picked_at: datetime, delays: Delays) -> datetime:
    """Return until when a practice calls: the end of the local day, so many days after it accepted."""
    return day_bounds(local_day(picked_at) + timedelta(days=delays.call_days))[1]


def reconfirm_from(entry: EntryView, delays: Delays) -> datetime | None:
    """Return when an entry is to be reconfirmed: so many months after it was last; None before it counts."""
    last = entry.reconfirmed_at or entry.waiting_since
    if last is None:
        return None
    return _months_later(last, delays.reconfirm_months)


def _months_later(instant: datetime, months: int) -> datetime:
    day = local_day(instant) + relativedelta(months=months)
    return at_local(day, local(instant).time().replace(tzinfo=None))


def reminder_due(entry: EntryView, delays: Delays, now: datetime) -> bool:
    """Tell whether the person is to be asked (again) whether he still looks for a médecin traitant."""
    due = reconfirm_from(entry, delays)
    if entry.state is not S.WAITING or due is None or now < due or entry.asked_count >= delays.reminders:
        return False
    return entry.asked_at is None or now >= entry.asked_at + timedelta(days=delays.reminder_days)


def is_aged_out(entry: EntryView, delays: Delays, now: datetime) -> bool:
    """Tell whether every reminder was left without an answer. Never of who cannot be reached by message."""
    return (
        entry.state is S.WAITING
        and entry.reachable
        and entry.asked_count >= delays.reminders
        and entry.asked_at is not None
        and now >= entry.asked_at + timedelta(days=delays.reminder_days)
    )


def must_be_called(entry: EntryView, delays: Delays, now: datetime) -> bool:
    """Tell whether a person must call: the date noted has come, or no message can ask for reconfirmation."""
    if entry.state not in ON_THE_LIST:
        return False
    if entry.next_call_on is not None and entry.next_call_on <= local_day(now):
        return True
    due = reconfirm_from(entry, delays)
    return entry.state is S.WAITING and not entry.reachable and due is not None and now >= due


def follow_up_due(
    pick: PickView, *, asked_at: datetime | None, asked_count: int, delays: Delays, now: datetime
) -> bool:
    """Tell whether to ask (again) if the declaration is signed."""
    if pick.outcome is not None or pick.called_at is None or asked_count >= delays.reminders:
        return False
    if asked_at is not None:
        return now >= asked_at + timedelta(days=delays.reminder_days)
    return now >= pick.called_at + timedelta(days=delays.follow_up_days)


def told(count: int) -> int | None:
    """Return a count that may be told; None from 1 to 4."""
    return None if 0 < count < SMALL else count


def median_days(waits: list[int]) -> int | None:
    """Return the median of waits in days, the lower of two; None for fewer than five."""
    return sorted(waits)[(len(waits) - 1) // 2] if len(waits) >= SMALL else None
