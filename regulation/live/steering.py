"""What steers one answer, read from the tables in a few statements: nothing is priced as a caller waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake.facts import RequestView
from regulation.live import circle, queueing, repository, rules
from regulation.live.facts import Fallback, PriceSheet, PromiseView
from regulation.live.rules import Counts, Lately
from regulation.orientation.matching import engine_priority
from slots.agenda.facts import FreeSlot
from snp.directory.facts import TerritoryView
from snp.directory.territory_settings import AnswerMode


@dataclass(frozen=True, slots=True)
class Steering:
    """What an answer is weighed with.

    `withheld`: slots that promises to others need. `room`: the slots with which a promise could be kept,
    empty when none can be made. `promised`: the requests that hold a promise.
    """

    sheet: PriceSheet | Fallback
    counts: Counts
    share: float
    withheld: frozenset[str]
    promised: frozenset[UUID] = frozenset()
    own_promise: PromiseView | None = None
    room: frozenset[str] = frozenset()
    notice_minutes: int = 0
    anyway: bool = False


def steer(
    session: Session,
    territory: TerritoryView,
    members: Sequence[RequestView],
    free: Sequence[FreeSlot],
    *,
    at_once: bool = False,
    anyway: bool = False,
    now: datetime,
) -> Steering:
    """Read what steers the answer to a request (or household): prices, shares, promises."""
    settings, view = territory.settings, members[0]
    sheets = repository.sheets(session, territory.id)
    sheet = rules.sheet_for(sheets, view.professions, settings.policy, now)
    ids = tuple(member.id for member in members)
    promises = {p.request_id: p for p in repository.open_promises(session, [territory.id])}
    asks_for_promise = settings.mode is AnswerMode.PROMISE and not (at_once or anyway or view.id in promises)
    may_be = asks_for_promise and len(members) == 1 and queueing.may_be_promised(view)
    return Steering(
        sheet=sheet,
        counts=rules.counts_of(lately(session, territory.id, now), asked_by=ids),
        share=settings.p3_waiting_percent / 100,
        withheld=circle.withheld(session, free, asked_by=ids, now=now),
        promised=frozenset(promises),
        own_promise=promises.get(view.id),
        room=_room(session, territory, view, sheet, now) if may_be else frozenset(),
        notice_minutes=settings.notice_minutes,
        anyway=anyway,
    )


def lately(session: Session, territory_id: UUID, now: datetime) -> list[Lately]:
    """Return the last that was said of each request answered over the last day."""
    return [
        Lately(request_id, engine_priority(priority), outcome, rule)
        for request_id, priority, outcome, rule in repository.decided_since(
            session, territory_id, now - rules.SHARE_WINDOW
        )
    ]


def slack_of(sheet: PriceSheet | Fallback) -> float:
    """Return how many free slots a promise wants beside each relied on, by what practitioners take back."""
    withdrawn = 0.0 if isinstance(sheet, Fallback) else sheet.facts.withdrawn_share
    return rules.SETTINGS.withdrawal_slack * withdrawn


def _room(
    session: Session, territory: TerritoryView, view: RequestView, sheet: PriceSheet | Fallback, now: datetime
) -> frozenset[str]:
    standing = circle.stand(session, territory, also=[view], now=now)
    pledge = circle.pledge_of(session, view, standing, territory.settings.notice_minutes)
    if not standing.circle.has_room_for(pledge, slack=slack_of(sheet)):
        return frozenset()
    return standing.circle.nameable(pledge)
