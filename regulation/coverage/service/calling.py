"""Calls for slots: preview whom one would ask, open it, ask in waves, end it, and say what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from regulation.coverage import repository, targeting
from regulation.coverage.facts import AnswerKind, Asking, CallEnding, CallView, Outcome, Preview
from regulation.coverage.halves import HalfDay
from regulation.coverage.refusals import CallEnded, CallNotFound, NobodyToAsk
from regulation.coverage.service.choosing import asking_of, circle, named
from regulation.intake.service.opening import territory_of
from regulation.messages.facts import Kind
from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, Offer, SlotFilter, SlotState
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import Page, TerritoryView
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_cursor, encode_cursor
from snp.errors import InvalidValue
from snp.notifications import service as outbox
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.logs import log

NEXT_SHOWN: Final = 5
"""For how many beyond the first wave a preview works out the moments."""
MOST_HALVES: Final = 28
MOST_WANTED: Final = 50
FARTHEST: Final = timedelta(days=14)
_ANSWERS_READ: Final = timedelta(days=90)


def preview(
    session: Session,
    territory_id: UUID,
    profession: str,
    wanted: Mapping[HalfDay, int],
    *,
    by: Actor,
    now: datetime,
) -> Preview:
    """Tell whom a call would ask now, next, not, and why; nothing is kept. Raises `InvalidValue`."""
    territory = territory_of(session, territory_id, by)
    _check(session, profession, wanted, now)
    ring = circle(session, territory, profession, wanted, now=now)
    size = _size(session, territory_id, sum(wanted.values()), now)
    may: list[Asking] = []
    left: list[Asking] = []
    for one in ring.standings:
        if one.why_not is None and len(may) >= size + NEXT_SHOWN:
            may.append(named(ring, one))
            continue
        asking, _ = asking_of(session, ring, one, now=now)
        (may if asking.why_not is None else left).append(asking)
    return Preview(tuple(may[:size]), tuple(may[size:]), tuple(left))


def open_call(
    session: Session,
    territory_id: UUID,
    profession: str,
    wanted: Mapping[HalfDay, int],
    *,
    automatic: bool = False,
    by: Actor,
    now: datetime,
) -> CallView:
    """Open a call and ask its first wave.

    Raises `InvalidValue`, `AlreadyCalled`, `NobodyToAsk`, `NotFound`.
    """
    territory = territory_of(session, territory_id, by)
    _check(session, profession, wanted, now)
    repository.take_turn(session)
    call_id = repository.insert_call(
        session,
        territory_id,
        profession,
        wanted,
        automatic=automatic,
        closes_at=targeting.closes_at(list(wanted)),
        author=by.ident,
        now=now,
    )
    if not _ask(session, territory, get(session, call_id), now=now):
        raise NobodyToAsk
    log(Event.SLOT_CALL_OPENED, call_id=call_id, territory_id=territory_id, count=sum(wanted.values()))
    return get(session, call_id)


def ask_next(session: Session, territory: TerritoryView, call: CallView, *, now: datetime) -> int:
    """Ask the next wave of a running call, when the last had time to answer; returns how many were asked."""
    if call.last_wave_at is not None and now - call.last_wave_at < targeting.WAVE_GAP:
        return 0
    repository.take_turn(session)
    return _ask(session, territory, get(session, call.id), now=now)


def cancel_call(session: Session, territory_id: UUID, call_id: UUID, *, by: Actor, now: datetime) -> CallView:
    """End a running call: its links stop at once. Raises `CallNotFound`, `CallEnded`."""
    call = call_of(session, territory_id, call_id, by=by)
    repository.lock_call(session, call_id)
    if get(session, call_id).ended_at is not None:
        raise CallEnded
    end(session, call, CallEnding.CANCELLED, by=by, now=now)
    return get(session, call_id)


def end(session: Session, call: CallView, ending: CallEnding, *, by: Actor, now: datetime) -> None:
    """Write how a call ended."""
    repository.end_call(session, call.id, ending, author=by.ident, now=now)
    log(Event.SLOT_CALL_ENDED, call_id=call.id, territory_id=call.territory_id, kind=ending)


def get(session: Session, call_id: UUID) -> CallView:
    """Return a call. Raises `CallNotFound`."""
    found = repository.call(session, call_id)
    if found is None:
        raise CallNotFound(call_id)
    return found


def call_of(session: Session, territory_id: UUID, call_id: UUID, *, by: Actor) -> CallView:
    """Return a call of a territory within reach. Raises `CallNotFound`, `NotFound`."""
    territory_of(session, territory_id, by)
    found = get(session, call_id)
    if found.territory_id != territory_id:
        raise CallNotFound(call_id)
    return found


def list_calls(
    session: Session, territory_id: UUID, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT, by: Actor
) -> Page[CallView]:
    """List the calls of a territory, the latest first."""
    territory_of(session, territory_id, by)
    limit = checked_limit(limit)
    found = repository.calls_page(session, territory_id, after=_after(cursor), limit=limit)
    last = found[limit - 1] if len(found) > limit else None
    more = encode_cursor([last.opened_at.isoformat(), str(last.id)]) if last else None
    return Page(tuple(found[:limit]), more)


def outcome(session: Session, call: CallView, *, now: datetime) -> Outcome:
    """Count what came of a call. Nobody is named: an answer is nobody's merit or fault."""
    asks = repository.asks_of(session, call.id)
    kinds = [{one.kind for one in ask.answers} for ask in asks]
    slot_ids = frozenset(slot for ask in asks for one in ask.answers for slot in one.slot_ids)
    query = SlotFilter(slot_ids=slot_ids, states=frozenset({SlotState.OPEN}), occupancy=Occupancy.TAKEN)
    served = len(agenda.list_slots(session, query, now=now, limit=200).items) if slot_ids else 0
    quiet = {AnswerKind.NOT_THIS_WEEK, AnswerKind.STOP}
    return Outcome(
        asked=len(asks),
        answered=sum(bool(told - {AnswerKind.RESUME}) for told in kinds),
        accepted=sum(AnswerKind.ACCEPTED in told for told in kinds),
        declined=sum(AnswerKind.DECLINED in told for told in kinds),
        paused=sum(bool(told & quiet) for told in kinds),
        gained=len(slot_ids),
        wanted=sum(call.wanted.values()),
        served=served,
    )


def _ask(session: Session, territory: TerritoryView, call: CallView, *, now: datetime) -> int:
    """Ask as many as are needed for what is missing, the first in order who have something to offer."""
    missing = {half: count for half, count in call.missing().items() if targeting.closes_at([half]) > now}
    if not missing:
        return 0
    size = _size(session, territory.id, sum(missing.values()), now)
    before = frozenset(one.practitioner_id for one in repository.asks_of(session, call.id))
    ring = circle(session, territory, call.profession, missing, asked=before, now=now)
    asked = 0
    for standing in ring.standings:
        if asked >= size or standing.why_not is not None:
            break
        asking, offer = asking_of(session, ring, standing, now=now)
        if offer is not None:
            _send(session, call, asking, offer, now=now)
            asked += 1
    return asked


def _send(session: Session, call: CallView, asking: Asking, offer: Offer, *, now: datetime) -> None:
    assert asking.medium is not None
    assert asking.leaves_at is not None
    ask_id = new_id()
    repository.insert_ask(
        session,
        {
            "id": ask_id,
            "call_id": call.id,
            "practitioner_id": asking.practitioner_id,
            "asked_at": now,
            "leaves_at": asking.leaves_at,
            "medium": asking.medium,
            "why": list(asking.why),
            "moments": [
                {"start": one.start.isoformat(), "end": one.end.isoformat(), "slots": one.slots}
                for one in asking.moments
            ],
            "offer": offer_to_json(offer),
        },
    )
    payload: dict[str, object] = {"kind": Kind.CARER_SLOT_CALL, "ask_id": str(ask_id)}
    outbox.enqueue(
        session,
        asking.medium,
        f"slot-call:{ask_id}",
        payload,
        now,
        due_at=asking.leaves_at,
        territory_id=call.territory_id,
    )


def offer_to_json(offer: Offer) -> dict[str, Any]:
    """Return terms as an ask keeps them."""
    return {
        "site_id": str(offer.site_id),
        "mode": offer.mode.value,
        "audiences": sorted(offer.audiences),
        "territory_ids": sorted(str(ident) for ident in offer.territory_ids),
        "slot_minutes": offer.slot_minutes,
        "buffer_minutes": offer.buffer_minutes,
    }


def _size(session: Session, territory_id: UUID, missing: int, now: datetime) -> int:
    asked, gained = repository.answered_so_far(session, territory_id, now - _ANSWERS_READ)
    return targeting.wave_size(missing, asked=asked, gained=gained)


def _check(session: Session, profession: str, wanted: Mapping[HalfDay, int], now: datetime) -> None:
    directory.get_profession(session, profession)
    if not 1 <= len(wanted) <= MOST_HALVES:
        raise InvalidValue("half_days", f"de 1 à {MOST_HALVES} demi-journées")
    if any(not 1 <= count <= MOST_WANTED for count in wanted.values()):
        raise InvalidValue("half_days", f"de 1 à {MOST_WANTED} créneaux par demi-journée")
    for half in wanted:
        if targeting.closes_at([half]) <= now:
            raise InvalidValue("half_days", "une de ces demi-journées est passée, ou presque")
        if half.day - local_day(now) > FARTHEST:
            raise InvalidValue("half_days", f"{FARTHEST.days} jours à l’avance au plus")


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    try:
        opened_at, ident = decode_cursor(cursor, length=2)
        return datetime.fromisoformat(opened_at), UUID(ident)
    except ValueError as error:
        raise InvalidValue("cursor", "curseur illisible") from error
