"""Which slots of neighbours may be claimed now, and the check of a claim under the locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from slots.agenda.facts import FreeSlot, FreeSlotQuery, LockedSlot
from slots.agenda.searching import free_slots
from slots.sharing import counting, repository, rules
from slots.sharing.facts import LentSlot, SharingView, SlotTerms
from slots.sharing.refusals import LentOut
from slots.sharing.rules import Lender
from snp.assignment.facts import Audience
from snp.days import day_bounds, local_day
from snp.directory import service as directory


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What is left of the bounded agreements: agreements without a bound are not in `left`."""

    left: dict[tuple[UUID, date], int]

    def has_room(self, sharing: SharingView, day: date) -> bool:
        return self.left.get((sharing.id, day), 1) > 0

    def use(self, sharing: SharingView, day: date) -> None:
        if (sharing.id, day) in self.left:
            self.left[sharing.id, day] -= 1


def lent_slots(
    session: Session,
    borrower_id: UUID,
    *,
    starts_until: datetime,
    slot_ids: Collection[UUID] | None = None,
    now: datetime,
) -> list[LentSlot]:
    """The free slots that neighbours lend to a territory now, by start then id.

    Each comes with the oldest agreement that still has room on its day, open to those audiences through which
    it is lent. Nothing is locked: `admit` judges again. Empty after one statement where nobody lends.
    """
    found, lenders, bounds = _found(session, borrower_id, starts_until, slot_ids, now)
    return [
        LentSlot(_narrowed(free, under), under[0])
        for free, lending in found
        if (under := _with_room(lending, free.start, lenders, bounds))
    ]


def takeable_slots(
    session: Session, borrower_id: UUID, *, starts_until: datetime, now: datetime
) -> list[LentSlot]:
    """Of the slots lent now, as many as could all be taken: the earliest within each bound."""
    found, lenders, bounds = _found(session, borrower_id, starts_until, None, now)
    taken = []
    for free, lending in found:
        under = _with_room(lending, free.start, lenders, bounds)
        if under:
            bounds.use(under[0], local_day(free.start, lenders[under[0].lender_id].zone))
            taken.append(LentSlot(_narrowed(free, under), under[0]))
    return taken


def _found(
    session: Session,
    borrower_id: UUID,
    starts_until: datetime,
    slot_ids: Collection[UUID] | None,
    now: datetime,
) -> tuple[list[tuple[FreeSlot, list[SharingView]]], dict[UUID, Lender], _Bounds]:
    """The free slots under agreements, with these in order; who lends them, and what the bounds leave."""
    sharings = rules.in_order(repository.accepted_for(session, borrower_id))
    if not sharings:
        return [], {}, _Bounds({})
    query = FreeSlotQuery(
        starts_from=now,
        starts_until=starts_until,
        territory_ids=frozenset(one.lender_id for one in sharings),
        professions=frozenset().union(*(one.terms.professions for one in sharings)),
        slot_ids=None if slot_ids is None else frozenset(slot_ids),
    )
    lenders = _lenders(session, sharings)
    lent = [
        (free, _lending(sharings, terms_of(free), lenders, None, now))
        for free in free_slots(session, query, now)
    ]
    lent = [(free, found) for free, found in lent if found]
    days = {
        (one.id, local_day(free.start, lenders[one.lender_id].zone)) for free, found in lent for one in found
    }
    return lent, lenders, _bounds(session, sharings, lenders, days, now)


def admit(
    session: Session,
    slots: Sequence[LockedSlot],
    *,
    audience: Audience,
    territory_id: UUID,
    now: datetime,
) -> dict[UUID, UUID]:
    """The agreement under which each locked slot of a neighbour may be claimed; others are left out.

    The agreements are locked until the transaction ends, after the slots: of two claims for the last slot
    that may be taken on a day, the second finds it taken. Raises `LentOut` when only that bound refuses.
    """
    foreign = [one.id for one in slots if territory_id not in one.territory_ids]
    if not foreign:
        return {}
    terms = counting.slot_terms(session, foreign)
    lender_ids = frozenset[UUID]().union(*(one.territory_ids for one in terms.values()))
    sharings = rules.in_order(repository.accepted_for(session, territory_id, lender_ids, lock=True))
    if not sharings:
        return {}
    lenders = _lenders(session, sharings)
    found = {
        ident: under
        for ident, one in terms.items()
        if (under := _lending(sharings, one, lenders, audience, now))
    }
    days = {
        (one.id, local_day(terms[ident].start, lenders[one.lender_id].zone))
        for ident, under in found.items()
        for one in under
    }
    bounds = _bounds(session, sharings, lenders, days, now)
    admitted = {}
    for ident, under in sorted(found.items()):
        roomy = _with_room(under, terms[ident].start, lenders, bounds)
        if not roomy:
            raise LentOut(ident)
        sharing = roomy[0]
        bounds.use(sharing, local_day(terms[ident].start, lenders[sharing.lender_id].zone))
        admitted[ident] = sharing.id
    return admitted


def terms_of(free: FreeSlot) -> SlotTerms:
    """What an agreement judges of a free slot."""
    return SlotTerms(
        free.id, free.practitioner_id, free.profession, free.start, free.audiences, free.territory_ids
    )


def _lending(
    sharings: Iterable[SharingView],
    one: SlotTerms,
    lenders: Mapping[UUID, Lender],
    audience: Audience | None,
    now: datetime,
) -> list[SharingView]:
    return [s for s in sharings if rules.lends(s, one, lenders[s.lender_id], audience=audience, now=now)]


def _with_room(
    sharings: Iterable[SharingView], start: datetime, lenders: Mapping[UUID, Lender], bounds: _Bounds
) -> list[SharingView]:
    return [one for one in sharings if bounds.has_room(one, local_day(start, lenders[one.lender_id].zone))]


def _narrowed(free: FreeSlot, under: Iterable[SharingView]) -> FreeSlot:
    """The slot as the borrower sees it: open to those audiences through which it is lent."""
    lent_to = frozenset[Audience]().union(*(one.terms.audiences for one in under))
    return replace(free, audiences=free.audiences & lent_to)


def _lenders(session: Session, sharings: Iterable[SharingView]) -> dict[UUID, Lender]:
    ids = {one.lender_id for one in sharings}
    out = repository.opted_out(session, ids)
    return {
        ident: Lender(
            directory.get_territory(session, ident).settings.snp_hours.zone, out.get(ident, frozenset())
        )
        for ident in sorted(ids)
    }


def _bounds(
    session: Session,
    sharings: Sequence[SharingView],
    lenders: Mapping[UUID, Lender],
    days: set[tuple[UUID, date]],
    now: datetime,
) -> _Bounds:
    """What may still be taken on these days under the agreements that bound it."""
    bounded = {one.id: one for one in sharings if rules.is_bounded(one.terms)}
    asked = {(ident, day) for ident, day in days if ident in bounded}
    if not asked:
        return _Bounds({})
    edges = [day_bounds(day, lenders[bounded[ident].lender_id].zone) for ident, day in asked]
    begins, ends = min(edge[0] for edge in edges), max(edge[1] for edge in edges)
    used = Counter(
        (ident, local_day(start, lenders[bounded[ident].lender_id].zone))
        for ident, start in counting.taken(session, bounded, starts_from=begins, starts_before=ends, now=now)
    )
    covered = _covered(session, list(bounded.values()), lenders, begins, ends)
    left = {}
    for ident, day in asked:
        allowed = rules.allowance(bounded[ident].terms, covered[ident, day])
        assert allowed is not None, "only bounded agreements are asked"
        left[ident, day] = allowed - used[ident, day]
    return _Bounds(left)


def _covered(
    session: Session,
    sharings: Sequence[SharingView],
    lenders: Mapping[UUID, Lender],
    begins: datetime,
    ends: datetime,
) -> Counter[tuple[UUID, date]]:
    """How many slots each agreement that gives a share speaks of, day by day."""
    shares = [one for one in sharings if one.terms.most_percent is not None]
    if not shares:
        return Counter()
    offered = counting.open_slots(
        session, {one.lender_id for one in shares}, starts_from=begins, starts_before=ends
    )
    return Counter(
        (sharing.id, local_day(one.start, lenders[sharing.lender_id].zone))
        for sharing in shares
        for one in offered
        if rules.covers(sharing, one, lenders[sharing.lender_id])
    )
