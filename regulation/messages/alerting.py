"""What nobody asked for and somebody must know: a carer's next day, requests without a slot, dead letters.

Jobs call these often; each thing is told once, however often they run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.messages.facts import Kind, Medium
from regulation.messages.rules import DIGEST_FROM
from regulation.messages.splitting import medium_for
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from slots.rota import service as rotas
from slots.rota.terms import Purpose
from slots.sharing import service as sharing
from slots.sharing.facts import SharingState
from snp.days import day_bounds, local, local_day
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.directory.paging import MAX_LIMIT
from snp.notifications import service as outbox
from snp.platform.actors import Actor, Role

SHORTAGE_AGAIN: Final = timedelta(hours=4)
"""A coordinator hears of shortage once in that time, whatever the number of requests."""
DEAD_AGAIN: Final = timedelta(days=1)
ONCE: Final = timedelta(days=3650)
"""What waits for a decision is told once, however long it waits."""
_PAGE: Final = 200


def queue_digests(session: Session, *, now: datetime) -> tuple[UUID, ...]:
    """Queue the digest of tomorrow for each carer to whom somebody comes; from the evening on, once a day."""
    if local(now).time() < DIGEST_FROM:
        return ()
    day = local_day(now) + timedelta(days=1)
    told = []
    for practitioner_id in _carers_of(session, day):
        subject = f"digest:{practitioner_id}:{day.isoformat()}"
        medium = medium_for(directory.get_practitioner(session, practitioner_id, now=now))
        if medium is None or outbox.was_queued(session, subject):
            continue
        payload: dict[str, object] = {
            "kind": Kind.CARER_DIGEST,
            "practitioner_id": str(practitioner_id),
            "day": day.isoformat(),
        }
        outbox.enqueue(session, medium, subject, payload, now)
        told.append(practitioner_id)
    return tuple(told)


def queue_shortage(session: Session, territory: TerritoryView, *, by: Actor, now: datetime) -> bool:
    """Queue an alert when the last run over a territory's pool left requests without any slot."""
    runs = orientation.list_runs(session, territory.id, limit=1, by=by, now=now).items
    unserved = [one for one in runs[0].unserved if one.deadline is None or one.deadline > now] if runs else []
    if not unserved:
        return False
    content = [(one.number, one.deadline.isoformat() if one.deadline else None) for one in unserved]
    return _alert(
        session, territory, Kind.COORDINATOR_SHORTAGE, {"requests": content}, SHORTAGE_AGAIN, now=now
    )


def queue_dead_letters(session: Session, territory: TerritoryView, *, now: datetime) -> bool:
    """Queue an alert when messages of a territory were given up."""
    figures = outbox.unsettled(session, territories={territory.id})
    counts = [(one.topic, one.dead) for one in figures if one.dead]
    if not counts:
        return False
    return _alert(session, territory, Kind.COORDINATOR_DEAD_LETTERS, {"counts": counts}, DEAD_AGAIN, now=now)


def queue_offers(session: Session, territory: TerritoryView, *, now: datetime) -> int:
    """Queue an alert for each offer of a neighbour that waits for an answer, once an offer; how many."""
    waiting = sharing.list_sharings(session, territory.id, running=True, limit=_PAGE).items
    return sum(
        _alert(
            session,
            territory,
            Kind.COORDINATOR_OFFER,
            {"sharing_id": str(one.id)},
            ONCE,
            about=one.id,
            now=now,
        )
        for one in waiting
        if one.borrower_id == territory.id and one.state is SharingState.OFFERED
    )


def queue_rotas(session: Session, territory: TerritoryView, *, now: datetime) -> int:
    """Queue an alert for each repair and each volunteer that waits for a word, once each; how many."""
    found = 0
    for rota in rotas.list_rotas(session, territory_ids=[territory.id], limit=MAX_LIMIT).items:
        plan = rotas.undecided_plan(session, rota.id)
        if plan is not None and plan.purpose is Purpose.REPAIR and plan.solved_at is not None:
            content: dict[str, object] = {"plan_id": str(plan.id)}
            kind = Kind.COORDINATOR_ROTA_REPAIR
            found += _alert(session, territory, kind, content, ONCE, about=plan.id, now=now)
        for offer in rotas.list_offers(session, rota.id):
            content, kind = {"offer_id": str(offer.id)}, Kind.COORDINATOR_ROTA_OFFER
            found += _alert(session, territory, kind, content, ONCE, about=offer.id, now=now)
    return found


def queue_emergency(
    session: Session, territory: TerritoryView, access_id: UUID, at: datetime, role: Role, *, now: datetime
) -> int:
    """Queue what the coordinators and the data-protection delegate must know at once; to how many addresses.

    A dossier of theirs was opened from another territory: when and by which role, never whose nor why.
    """
    told = dict.fromkeys((*territory.settings.alert_emails, *territory.settings.protection_emails))
    for place in range(len(told)):
        payload: dict[str, object] = {
            "kind": Kind.EMERGENCY_OPENED,
            "place": place,
            "at": at.isoformat(),
            "role": role.value,
        }
        outbox.enqueue(
            session,
            Medium.EMAIL,
            f"{Kind.EMERGENCY_OPENED}:{access_id}:{place}",
            payload,
            now,
            territory_id=territory.id,
        )
    return len(told)


def told_of_rights(territory: TerritoryView) -> tuple[str, ...]:
    """Return who is told that a patient asked for his rights: the delegate, or else the coordination."""
    settings = territory.settings
    return tuple(dict.fromkeys(settings.protection_emails or settings.alert_emails))


def queue_right_asked(session: Session, territory: TerritoryView, ask_id: UUID, *, now: datetime) -> int:
    """Queue the notice that a patient asked for his rights, never whose nor which; to how many addresses."""
    told = told_of_rights(territory)
    for place in range(len(told)):
        payload: dict[str, object] = {"kind": Kind.RIGHT_ASKED, "place": place}
        subject = f"{Kind.RIGHT_ASKED}:{ask_id}:{place}"
        outbox.enqueue(session, Medium.EMAIL, subject, payload, now, territory_id=territory.id)
    return len(told)


def _alert(
    session: Session,
    territory: TerritoryView,
    kind: Kind,
    content: dict[str, object],
    again: timedelta,
    *,
    about: UUID | None = None,
    now: datetime,
) -> bool:
    """Queue one e-mail for each address that the territory named, unless one was lately."""
    subject = f"{kind}:{about or territory.id}"
    if not territory.settings.alert_emails or outbox.was_queued(session, subject, since=now - again):
        return False
    for place in range(len(territory.settings.alert_emails)):
        payload = {"kind": kind, "place": place} | content
        outbox.enqueue(session, Medium.EMAIL, subject, payload, now, territory_id=territory.id)
    return True


def _carers_of(session: Session, day: date) -> Sequence[UUID]:
    """Who has a live appointment on a day, in a stable order."""
    first, last = day_bounds(day)
    query = AppointmentFilter(live=True, starts_from=first, starts_before=last)
    found: dict[UUID, None] = {}
    cursor = None
    while True:
        page = appointments.list_appointments(session, query, cursor=cursor, limit=_PAGE)
        found.update(dict.fromkeys(one.practitioner_id for one in page.items))
        cursor = page.next_cursor
        if cursor is None:
            return tuple(found)
