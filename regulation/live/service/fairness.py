"""Who is kept waiting, for the coordinator: by priority, by commune; the load of practitioners (ids)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.facts import RequestState, RequestView
from regulation.intake.service.opening import territory_of
from regulation.live import repository, rules
from regulation.live.facts import FairnessReport, PromiseEnding, ShareLine
from regulation.orientation.matching import engine_priority
from slots.agenda import service as agenda
from snp.platform.actors import Actor


def fairness(
    session: Session, territory_id: UUID, *, days: int = 28, by: Actor, now: datetime
) -> FairnessReport:
    """Tell what became of the requests decided over the last days; figures and identifiers only."""
    territory_of(session, territory_id, by)
    since = now - timedelta(days=days)
    views = requests.sought_since(session, territory_id, since)
    kept = repository.told_since(session, territory_id, since, rule=rules.KEPT_WAITING)
    promises = repository.promises_since(session, territory_id, since)
    endings = Counter(promise.ending for promise in promises)
    return FairnessReport(
        territory_id=territory_id,
        since=since,
        until=now,
        by_priority=_shares(((engine_priority(view.priority).value, view) for view in views), kept),
        by_commune=_shares(((view.insee, view) for view in views), kept),
        practitioners=tuple(
            agenda.practitioner_loads(session, territory_id, starts_from=since, starts_until=now)
        ),
        promises_made=len(promises),
        promises_open=endings[None],
        promises_broken=endings[PromiseEnding.BROKEN],
    )


def _shares(keyed: Iterable[tuple[str, RequestView]], kept: frozenset[UUID]) -> tuple[ShareLine, ...]:
    groups: dict[str, list[RequestView]] = {}
    for key, view in keyed:
        groups.setdefault(key, []).append(view)
    return tuple(_line(key, views, kept) for key, views in sorted(groups.items()))


def _line(key: str, views: list[RequestView], kept: frozenset[UUID]) -> ShareLine:
    states = Counter(view.state for view in views)
    waited = sum(view.id in kept for view in views)
    return ShareLine(
        key=key,
        requests=len(views),
        kept_waiting=waited,
        share_kept=round(waited / len(views), 3),
        seeking=states[RequestState.SEEKING] + states[RequestState.HELD],
        served=states[RequestState.BOOKED] + states[RequestState.CLOSED],
        unserved=states[RequestState.UNSERVED],
    )
