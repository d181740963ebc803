"""The state machine of a request, the hard stop, and what a decision leads to. Pure and total.

Every move of a request passes through `next_state`; nothing else in the code knows which moves are legal.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from regulation.facts import Reason
from regulation.intake.facts import (
    CallPriority,
    Decision,
    Disposition,
    Move,
    RequestState,
    RequestView,
    ResponseLevel,
    Sight,
    Urgency,
)
from snp.assignment.facts import Audience, Mode
from snp.errors import InvalidValue, SnpError
from snp.platform.actors import DESK_ROLES, Actor, Role

S = RequestState
FINAL_STATES: Final = frozenset({S.ORIENTED, S.CLOSED, S.CANCELLED})
LIVE_STATES: Final = frozenset(S) - FINAL_STATES
CLAIMING_STATES: Final = frozenset({S.HELD, S.BOOKED})
"""States in which a request holds or has taken slots."""

MAX_DELAY_H: Final = 14 * 24
"""Longest delay that may be typed: beyond a fortnight a need is planned care, not unscheduled care."""

ABANDONED_AFTER: Final = timedelta(days=366)
"""A live request without a move for so long serves nobody: its last appointment was never said to be over.

Source: `MAX_DELAY_H`, and three sessions of physiotherapy: whatever was booked took place long before.
"""

MAX_KM: Final = 500
"""Farthest that a patient may be asked to travel: more than the length of any département."""

GENERAL_PRACTITIONER: Final = "medecin_generaliste"

_HUB = "SAMU-Hub-Modeles, nomenclatures de priorité et de niveau de réponse"

_FORWARD: Final[dict[Move, dict[RequestState, RequestState]]] = {
    Move.CHECK_MT: {S.RECEIVED: S.TO_ESTIMATE},
    Move.WAIT_MT: {S.RECEIVED: S.WAITING_MT},
    Move.RESUME: {S.WAITING_MT: S.RECEIVED},
    Move.ESTIMATE: {S.TO_ESTIMATE: S.TO_DECIDE, S.TO_DECIDE: S.TO_DECIDE},
    Move.DECIDE: dict.fromkeys((S.TO_ESTIMATE, S.TO_DECIDE, S.SEEKING, S.UNSERVED), S.SEEKING),
    Move.ADVISE: dict.fromkeys((S.TO_ESTIMATE, S.TO_DECIDE, S.SEEKING, S.UNSERVED), S.CLOSED),
    Move.ORIENT: dict.fromkeys(
        (S.RECEIVED, S.WAITING_MT, S.TO_ESTIMATE, S.TO_DECIDE, S.SEEKING, S.UNSERVED), S.ORIENTED
    ),
    Move.HOLD: {S.SEEKING: S.HELD},
    Move.HOLD_ENDED: {S.HELD: S.SEEKING},
    Move.BOOK: {S.HELD: S.BOOKED, S.SEEKING: S.BOOKED, S.BOOKED: S.BOOKED},
    Move.REOPEN: {S.BOOKED: S.SEEKING, S.UNSERVED: S.SEEKING},
    Move.HONOUR: {S.BOOKED: S.CLOSED},
    Move.NO_SHOW: {S.BOOKED: S.CLOSED},
    Move.GIVE_UP: {S.SEEKING: S.UNSERVED},
    Move.STOP: dict.fromkeys(LIVE_STATES, S.ORIENTED),
    Move.CANCEL: dict.fromkeys(LIVE_STATES, S.CANCELLED),
    Move.CORRECT: {state: state for state in LIVE_STATES},
}

STATE_LABELS: Final[dict[RequestState, str]] = {
    S.RECEIVED: "reçu",
    S.WAITING_MT: "en attente du médecin traitant",
    S.TO_ESTIMATE: "à évaluer par l’opérateur",
    S.TO_DECIDE: "à décider par le régulateur",
    S.SEEKING: "en recherche de créneau",
    S.HELD: "créneau retenu",
    S.BOOKED: "rendez-vous pris",
    S.ORIENTED: "orienté",
    S.CLOSED: "clos",
    S.CANCELLED: "annulé",
    S.UNSERVED: "sans créneau dans le délai",
}


class IllegalMove(SnpError):
    """The request stands where this move is not possible."""

    slug = "illegal-move"
    fr = "Ce dossier est « {state_label} » : cette action n’y est pas possible."

    def __init__(self, state: RequestState | None, move: Move) -> None:
        label = "pas encore ouvert" if state is None else STATE_LABELS[state]
        where = "no state" if state is None else state.value
        super().__init__(
            f"{move.value} is not possible from {where}",
            state=None if state is None else state.value,
            move=move.value,
            state_label=label,
        )


def next_state(state: RequestState | None, move: Move) -> RequestState:
    """Where `move` leads from `state` (None: not opened yet); raises `IllegalMove`."""
    if move is Move.OPEN:
        if state is None:
            return S.RECEIVED
        raise IllegalMove(state, move)
    reached = None if state is None else _FORWARD[move].get(state)
    if reached is None:
        raise IllegalMove(state, move)
    return reached


def legal_moves(state: RequestState) -> frozenset[Move]:
    """The moves that are possible from `state`; empty for a final one."""
    return frozenset(move for move, steps in _FORWARD.items() if state in steps)


def hard_stop(urgency: Urgency | None) -> tuple[Reason, ...]:
    """Why the need must go to the 15 at once; empty when nothing typed says so.

    One of R1, R2 or P0 is enough, whatever the other says.

    Source: SAMU-Hub-Modeles (R1 vital, R2 true urgency, P0 vital): only R3 is care that may wait for a slot.
    """
    if urgency is None:
        return ()
    found = []
    if urgency.priority is CallPriority.P0:
        found.append(Reason("stop_p0", "Priorité P0 : détresse vitale, appel au 15 sans délai.", _HUB))
    if urgency.response_level is ResponseLevel.R1:
        found.append(Reason("stop_r1", "Niveau R1 : urgence vitale, appel au 15 sans délai.", _HUB))
    if urgency.response_level is ResponseLevel.R2:
        found.append(Reason("stop_r2", "Niveau R2 : urgence vraie, appel au 15 sans délai.", _HUB))
    return tuple(found)


def decision_move(disposition: Disposition) -> Move:
    """Which move records a disposition: only an SNP consultation or a teleconsultation seeks a slot."""
    match disposition:
        case Disposition.SNP_CONSULTATION | Disposition.TELECONSULTATION:
            return Move.DECIDE
        case Disposition.ADVICE:
            return Move.ADVISE
        case Disposition.CALL_15 | Disposition.SMUR:
            return Move.STOP
        case (
            Disposition.EMERGENCY
            | Disposition.BACK_TO_MT
            | Disposition.PDSA
            | Disposition.PHARMACIST
            | Disposition.TRANSPORT
            | Disposition.CALL_116117
            | Disposition.KEEP_APPOINTMENT
        ):
            return Move.ORIENT
        case _:
            assert_never(disposition)


def checked_decision(decision: Decision, *, default_delay_h: int, default_max_km: float) -> Decision:
    """The decision with its defaults filled in, ready for the engine; raises `InvalidValue`.

    An SNP consultation is R3; a teleconsultation is sought in mode VR. R4 is advice: it may not seek a slot.
    """
    level = decision.urgency.response_level or ResponseLevel.R3
    if level is ResponseLevel.R4:
        raise InvalidValue(
            "response_level", "un niveau R4 est un conseil : seul un niveau R3 cherche un créneau."
        )
    delay_h = default_delay_h if decision.delay_h is None else decision.delay_h
    check_delay(delay_h)
    if not 1 <= decision.sessions <= 3:
        raise InvalidValue("sessions", "de 1 à 3 séances.")
    if not 1 <= decision.min_gap_days <= decision.max_gap_days:
        raise InvalidValue(
            "min_gap_days", "l’écart minimal doit être d’un jour au moins et au plus le maximal."
        )
    if decision.household_with is not None and decision.sessions > 1:
        raise InvalidValue("household_with", "un foyer et plusieurs séances ne vont pas ensemble.")
    max_km = default_max_km if decision.max_km is None else decision.max_km
    if not 0 <= max_km <= MAX_KM:
        raise InvalidValue("max_km", f"de 0 à {MAX_KM} km.")
    tele = decision.disposition is Disposition.TELECONSULTATION
    return Decision(
        disposition=decision.disposition,
        urgency=Urgency(decision.urgency.priority or CallPriority.P2, level),
        delay_h=delay_h,
        professions=decision.professions or frozenset({GENERAL_PRACTITIONER}),
        modes=frozenset({Mode.VR}) if tele else decision.modes or frozenset({Mode.AMB}),
        max_km=max_km,
        not_before=decision.not_before,
        sessions=decision.sessions,
        min_gap_days=decision.min_gap_days,
        max_gap_days=decision.max_gap_days,
        household_with=decision.household_with,
        excluded_practitioner_ids=decision.excluded_practitioner_ids,
        only_practitioner_ids=decision.only_practitioner_ids,
        can_wait=decision.can_wait,
        reason=decision.reason,
        reasons=decision.reasons,
    )


def check_delay(delay_h: int) -> None:
    """Raise `InvalidValue` unless the delay is a number of hours that unscheduled care may take."""
    if not 1 <= delay_h <= MAX_DELAY_H:
        raise InvalidValue("delay_h", f"un délai se donne en heures, de 1 à {MAX_DELAY_H}.")


def seeking_window(
    decided_at: datetime, delay_h: int, not_before: datetime | None
) -> tuple[datetime, datetime]:
    """From when to when the first slot may start; raises `InvalidValue` when nothing is left.

    Source: convention médicale 2024–2029: seen within 48 h *of the regulation's decision*.
    """
    deadline = decided_at + timedelta(hours=delay_h)
    earliest = decided_at if not_before is None else max(decided_at, not_before)
    if earliest > deadline:
        raise InvalidValue("not_before", "« pas avant » tombe après la fin du délai.")
    return earliest, deadline


def may_be_same_need(reason: str | None, other: str | None) -> bool:
    """Whether two requests of one patient may be for the same need: no reason says otherwise."""
    return reason is None or other is None or reason == other


def audience_of(actor: Actor) -> Audience:
    """Which audience of slots the actor books from: the regulation, a desk, or the professionals' desk."""
    if actor.role in DESK_ROLES:
        return Audience.DESK
    if actor.role in {Role.PRACTITIONER, Role.DELEGATE}:
        return Audience.PROFESSIONALS
    return Audience.REGULATION


def sight_of(actor: Actor) -> Sight:
    """How far the actor sees: his territories, or only what his own desk, or he, brought.

    An administrator and the system see all territories unless some are named; a patient sees none.
    """
    if actor.role in {Role.ADMINISTRATOR, Role.SYSTEM}:
        return Sight(territory_ids=actor.territories or None)
    if actor.role in DESK_ROLES:
        return Sight(organisation_id=actor.organisation, nothing=actor.organisation is None)
    if actor.role in {Role.PRACTITIONER, Role.DELEGATE}:
        return Sight(practitioner_id=actor.practitioner, nothing=actor.practitioner is None)
    return Sight(territory_ids=actor.territories, nothing=actor.role is Role.PATIENT)


def may_see_view(actor: Actor, view: RequestView) -> bool:
    """Whether a request lies within what the actor sees."""
    sight = sight_of(actor)
    return (
        not sight.nothing
        and (sight.territory_ids is None or view.territory_id in sight.territory_ids)
        and (sight.organisation_id is None or view.organisation_id == sight.organisation_id)
        and (sight.practitioner_id is None or view.practitioner_id == sight.practitioner_id)
    )


def may_open_identities(actor: Actor) -> bool:
    """Whether the actor's role ever reads who a patient is; a coordinator sees figures and slots only."""
    return actor.role not in {Role.COORDINATOR, Role.ADMINISTRATOR, Role.PATIENT}
