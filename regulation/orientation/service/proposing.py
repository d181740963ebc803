"""Proposals: the best ways to serve a request now, answered while the caller waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import Move, RequestState, RequestView
from regulation.intake.rules import FINAL_STATES, IllegalMove, audience_of
from regulation.live import repository as live
from regulation.live import rules as live_rules
from regulation.live import settling
from regulation.live.facts import Basis, Outcome, Weighing
from regulation.live.steering import Steering, steer
from regulation.orientation import explaining, matching, overflow, repository
from regulation.orientation.facts import Proposals, ProposalView, ProposedSlot
from regulation.orientation.ground import points_of
from regulation.orientation.matching import Point, Ranking, Way
from regulation.orientation.overflow import Lent
from regulation.orientation.service.lapsing import settle_lapsed_hold
from regulation.orientation.service.neighbours import lent_to, opening
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlot, FreeSlotQuery
from snp.assignment.facts import Audience, Request, Weights
from snp.assignment.rules import broken_rule, distance_km
from snp.assignment.stream import VALUE
from snp.directory import service as directory
from snp.errors import Forbidden, InvalidValue
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.logs import log

MAX_PROPOSALS: Final = 5
LOOK_AHEAD: Final = timedelta(days=7)
"""How far free slots are read beyond the deadline, to say how many come too late."""

FARTHEST: Final = timedelta(days=730)
"""No slot is published so far ahead."""

WEIGHTS: Final = Weights()

OVERRIDERS: Final = frozenset({Role.OSNP, Role.REGULATEUR, Role.SYSTEM})
"""Who may have slots read out against the engine's advice."""


@dataclass(frozen=True, slots=True)
class Question:
    """What proposals are computed from: who seeks together, who else seeks, and what is free.

    `lent`: what neighbours lend, looked at only when nothing free here suits. `neighbours_at`: when that will
    be, if it is not yet.
    """

    members: tuple[RequestView, ...]
    others: tuple[RequestView, ...]
    free: Mapping[str, FreeSlot]
    points: Mapping[str, Point]
    steering: Steering
    lent: Mapping[str, Lent] = field(default_factory=dict)
    neighbours_at: datetime | None = None


def propose(
    session: Session,
    request_id: UUID,
    *,
    k: int = 3,
    at_once: bool = False,
    anyway: bool = False,
    by: Actor,
    now: datetime,
) -> Proposals:
    """The best `k` (1 to 5) ways to serve a seeking request now, and why not others.

    `at_once`: the patient asks for a time rather than a promise; at a desk he always does. `anyway`: the
    regulation has the slots read out although the request would better wait; promises to others still stand.
    A hold of this request that has run out is ended first.

    Raises `IllegalMove` when it does not seek, `Forbidden` for `anyway` by anybody else.
    """
    if not 1 <= k <= MAX_PROPOSALS:
        raise InvalidValue("k", f"de 1 à {MAX_PROPOSALS} propositions.")
    if anyway and by.role not in OVERRIDERS:
        raise Forbidden(f"a {by.role.value} does not override the engine")
    view = moving.locked(session, request_id, by=by)
    view = settle_lapsed_hold(session, view, by=by, now=now)
    at_once = at_once or audience_of(by) is not Audience.REGULATION
    return make_proposals(session, view, k=k, at_once=at_once, anyway=anyway, by=by, now=now)


def make_proposals(
    session: Session,
    view: RequestView,
    *,
    k: int = 3,
    save: bool = True,
    at_once: bool = False,
    anyway: bool = False,
    by: Actor,
    now: datetime,
) -> Proposals:
    """Compute proposals for a request that the caller has checked; kept as rows unless `save` is false."""
    if view.state is not RequestState.SEEKING:
        raise IllegalMove(view.state, Move.HOLD)
    question = ask(session, view, at_once=at_once, anyway=anyway, now=now)
    if isinstance(question, Reason):
        return Proposals(view.id, None, (), 0, 0, (question,))
    proposals, weighing = weighed_answer(question, k=k, now=now)
    if save:
        proposals = _keep(session, view, proposals, weighing, anyway=anyway, by=by, now=now)
    log(
        Event.PROPOSALS_MADE,
        request_id=view.id,
        count=len(proposals.proposals),
        free=proposals.free,
        policy=weighing.basis,
        status=weighing.outcome,
    )
    return proposals


def ask(
    session: Session, view: RequestView, *, at_once: bool = False, anyway: bool = False, now: datetime
) -> Question | Reason:
    """Load what proposals are computed from; the reason when the household cannot be served yet."""
    members = _members(session, view)
    if isinstance(members, Reason):
        return members
    own = {member.id for member in members}
    others = tuple(other for other in requests.seeking(session, view.territory_id) if other.id not in own)
    free = free_slots(session, view.territory_id, members, now)
    points = points_of(session, (*members, *others))
    territory = directory.get_territory(session, view.territory_id)
    lent = lent_to(session, territory, members, now=now)
    offered = [*free.values(), *(one.free for one in lent.values())]
    steering = steer(session, territory, members, offered, at_once=at_once, anyway=anyway, now=now)
    later = opening(session, territory, members, now)
    return Question(members, others, free, points, steering, lent, later)


def answer(question: Question, *, k: int, now: datetime) -> Proposals:
    """Rank and explain; pure."""
    return weighed_answer(question, k=k, now=now)[0]


def weighed_answer(question: Question, *, k: int, now: datetime) -> tuple[Proposals, Weighing]:
    """Rank, weigh and explain; pure. The promise, where one can be made, stands instead of the slots.

    Where nothing free here suits, the slots that neighbours lend are read out, if one of them does.
    """
    kept = question.steering.withheld
    slots = [matching.engine_slot(free) for ident, free in question.free.items() if ident not in kept]
    members = [_request(question, view) for view in question.members]
    others = [_request(question, view) for view in question.others]
    found = matching.find_ways(members, slots, now=now, weights=WEIGHTS)
    if not found.ways and (borrowed := _borrowed(question, found, k=k, now=now)) is not None:
        return borrowed
    promised = _suiting(members, [question.free[ident] for ident in kept if ident in question.free], now)
    told = settling.settle(
        question.steering,
        found,
        members,
        slots,
        others,
        promised=promised,
        k=k,
        weights=WEIGHTS,
        now=now,
    )
    ranking, view = told.ranking, question.members[0]
    reasons = explaining.why_not(
        ranking,
        members[0],
        free=len(question.free),
        others=len(others),
        offered=told.weighing.outcome is Outcome.OFFERED,
    )
    proposals = Proposals(
        request_id=view.id,
        round_id=None,
        proposals=tuple(
            proposal_view(way, number, ranking, question.free, now)
            for number, way in enumerate(ranking.ways, start=1)
        ),
        free=len(question.free),
        suitable=ranking.suitable,
        why_not=(*reasons, *explaining.kept_for_promises(promised), *_about_neighbours(question, found)),
        advice=settling.advice(question.steering, told.weighing, view, question.others, now),
    )
    return proposals, told.weighing


def _borrowed(
    question: Question, own: Ranking, *, k: int, now: datetime
) -> tuple[Proposals, Weighing] | None:
    """The answer with neighbours' slots, by wait and travel; None when none suits."""
    kept, view = question.steering.withheld, question.members[0]
    free = {ident: one.free for ident, one in question.lent.items() if ident not in kept}
    slots = [matching.engine_slot(one) for one in free.values()]
    members = [
        matching.engine_request(member, question.points[member.insee], free.values())
        for member in question.members
    ]
    ranking = matching.rank(members, slots, now=now, weights=WEIGHTS, k=k)
    if not ranking.ways:
        return None
    weighing = Weighing(
        Outcome.OFFERED,
        overflow.RULE,
        Basis.FIRST_COME,
        None,
        VALUE[members[0].priority],
        alternatives=live_rules.alternatives(ranking.ways, {}),
    )
    asked = _request(question, view)
    proposals = Proposals(
        request_id=view.id,
        round_id=None,
        proposals=tuple(
            proposal_view(way, number, ranking, free, now, lent=question.lent)
            for number, way in enumerate(ranking.ways, start=1)
        ),
        free=len(question.free),
        suitable=own.suitable,
        why_not=explaining.why_not(own, asked, free=len(question.free), others=len(question.others)),
        advice=settling.advice(question.steering, weighing, view, question.others, now),
    )
    return proposals, weighing


def _about_neighbours(question: Question, found: Ranking) -> tuple[Reason, ...]:
    """What is told of neighbours' slots beside an answer without them."""
    if found.ways:
        return ()
    if question.lent:
        return (overflow.none_suits(len(question.lent)),)
    return () if question.neighbours_at is None else (overflow.later(question.neighbours_at),)


def _suiting(members: Sequence[Request], withheld: Sequence[FreeSlot], now: datetime) -> int:
    """How many of the slots that promises to others need would suit one of these requests."""
    slots = [matching.engine_slot(free) for free in withheld]
    return sum(any(broken_rule(member, slot, now) is None for member in members) for slot in slots)


def free_slots(
    session: Session, territory_id: UUID, views: Sequence[RequestView], now: datetime
) -> dict[str, FreeSlot]:
    """Every free slot of a territory that these requests may speak of, by id: one round trip."""
    until = max(
        (view.deadline or now) + timedelta(days=(view.sessions - 1) * view.max_gap_days) for view in views
    )
    query = FreeSlotQuery(
        starts_from=now, starts_until=until + LOOK_AHEAD, territory_ids=frozenset({territory_id})
    )
    return {str(free.id): free for free in agenda.free_slots(session, query, now)}


def free_among(
    session: Session, territory_id: UUID, slot_ids: Sequence[UUID], now: datetime
) -> dict[UUID, FreeSlot]:
    """Those of these slots that are free and offered in the territory itself, whenever they start."""
    found = agenda.free_slots_among(
        session, slot_ids, territory_id=territory_id, starts_until=now + FARTHEST, now=now
    )
    return {free.id: free for free in found}


def claimable_among(
    session: Session, views: Sequence[RequestView], slot_ids: Sequence[UUID], now: datetime
) -> tuple[dict[UUID, FreeSlot], dict[str, Lent]]:
    """Those of these slots that these requests may claim: their territory's own, and what neighbours lend.

    The second part is the lent ones, by id. That nothing here suits was the rule of proposals, and is not
    asked again: a slot that frees here between the answer and the claim takes nothing from who chose.
    """
    free = free_among(session, views[0].territory_id, slot_ids, now)
    beyond = [slot_id for slot_id in slot_ids if slot_id not in free]
    if not beyond:
        return free, {}
    territory = directory.get_territory(session, views[0].territory_id)
    lent = lent_to(session, territory, views, slot_ids=beyond, now=now)
    return free | {one.free.id: one.free for one in lent.values()}, lent


def proposal_view(
    way: Way,
    number: int,
    ranking: Ranking,
    free: Mapping[str, FreeSlot],
    now: datetime,
    *,
    lent: Mapping[str, Lent] | None = None,
) -> ProposalView:
    """A way as it is read to the caller; `lent`: which slots are a neighbour's."""
    borrowed = (lent or {}).get(way.slots[0].id)
    why = explaining.why(way, ranking, now)
    return ProposalView(
        id=None,
        rank=number,
        slots=tuple(
            proposed_slot(free[slot.id], request, lent)
            for slot, request in zip(way.slots, way.requests, strict=True)
        ),
        wait_minutes=round((way.slots[0].start - now).total_seconds() / 60),
        km=round(way.km, 1),
        burden=way.burden,
        why=why if borrowed is None else (overflow.told(borrowed), *why),
    )


def proposed_slot(free: FreeSlot, request: Request, lent: Mapping[str, Lent] | None = None) -> ProposedSlot:
    """A free slot as it is read to the caller."""
    borrowed = (lent or {}).get(str(free.id))
    name = " ".join(part for part in (free.practitioner_title, free.practitioner_name) if part)
    return ProposedSlot(
        slot_id=free.id,
        request_id=UUID(request.id),
        practitioner_id=free.practitioner_id,
        practitioner_name=name,
        profession=free.profession,
        site_name=free.site_name,
        site_address=free.site_address,
        start=free.start,
        end=free.end,
        mode=free.mode,
        km=round(distance_km(request, matching.engine_slot(free)), 1),
        lent_by=None if borrowed is None else borrowed.lender,
    )


def _request(question: Question, view: RequestView) -> Request:
    return matching.engine_request(view, question.points[view.insee], question.free.values())


def _members(session: Session, view: RequestView) -> tuple[RequestView, ...] | Reason:
    """The request, and with it its household when all of it seeks."""
    if view.household_id is None:
        return (view,)
    household = [
        other
        for other in requests.household(session, view.household_id)
        if other.state not in FINAL_STATES and other.id != view.id
    ]
    if any(other.state is not RequestState.SEEKING for other in household):
        sentence = "Le foyer est servi ensemble : un de ses dossiers n’est pas encore prêt."
        return Reason("household_incomplete", sentence, explaining.SOURCE)
    if not household:
        return (replace(view, household_id=None),)
    return (view, *household)


def _keep(
    session: Session,
    view: RequestView,
    proposals: Proposals,
    weighing: Weighing,
    *,
    anyway: bool,
    by: Actor,
    now: datetime,
) -> Proposals:
    round_id = new_id()
    kept = tuple(
        replace(shown, id=repository.insert_proposal(session, round_id, view.id, shown, by=by, now=now))
        for shown in proposals.proposals
    )
    decision_id = live.insert_decision(
        session, view.id, view.territory_id, weighing, round_id=round_id, anyway=anyway, by=by, now=now
    )
    assert proposals.advice is not None
    advice = replace(proposals.advice, decision_id=decision_id)
    return replace(proposals, round_id=round_id, proposals=kept, advice=advice)
