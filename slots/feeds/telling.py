"""What a practitioner's feed tells of his slots now. Knows no patient: names come from above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotState, SlotView
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentView
from slots.feeds.facts import Entry, EntryState
from snp.directory import service as directory

KEPT: Final = timedelta(days=14)
"""How long what is over, cancellations included, stays in the feed: longer than any calendar sleeps."""
AHEAD: Final = timedelta(days=62)
MOST: Final = 200


def entries_of(
    session: Session, practitioner_id: UUID, *, now: datetime
) -> tuple[tuple[Entry, ...], Mapping[UUID, AppointmentView]]:
    """Return the entries of a feed, by start, and the live appointment of each slot that has one."""
    slots = _slots(session, practitioner_id, now)
    booked = _appointments(session, practitioner_id, now)
    changed = agenda.last_changes(session, [slot.id for slot in slots])
    told = appointments.last_changes(session, [one.id for of_slot in booked.values() for one in of_slot])
    places = {ident: _place(session, ident) for ident in {slot.site_id for slot in slots}}
    entries = tuple(
        Entry(
            slot_id=slot.id,
            start=slot.start,
            end=slot.end,
            state=_state(slot),
            revision=slot.version + sum(one.version for one in booked[slot.id]),
            changed_at=max(
                [changed.get(slot.id, slot.created_at), *(told[one.id] for one in booked[slot.id])]
            ),
            place=places[slot.site_id],
        )
        for slot in slots
    )
    live = {slot_id: one for slot_id, of_slot in booked.items() for one in of_slot if one.live}
    return entries, live


def _state(slot: SlotView) -> EntryState:
    if slot.state is not SlotState.OPEN:
        return EntryState.GONE
    return EntryState.TAKEN if slot.occupancy is Occupancy.TAKEN else EntryState.FREE


def _slots(session: Session, practitioner_id: UUID, now: datetime) -> list[SlotView]:
    query = SlotFilter(
        practitioner_ids=frozenset({practitioner_id}), starts_from=now - KEPT, starts_before=now + AHEAD
    )
    found: list[SlotView] = []
    cursor = None
    while True:
        page = agenda.list_slots(session, query, now=now, cursor=cursor, limit=MOST)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def _appointments(
    session: Session, practitioner_id: UUID, now: datetime
) -> defaultdict[UUID, list[AppointmentView]]:
    """Return every appointment ever made on each slot: their versions count in its revision."""
    query = AppointmentFilter(
        practitioner_ids=frozenset({practitioner_id}), starts_from=now - KEPT, starts_before=now + AHEAD
    )
    found: defaultdict[UUID, list[AppointmentView]] = defaultdict(list)
    cursor = None
    while True:
        page = appointments.list_appointments(session, query, cursor=cursor, limit=MOST)
        for one in page.items:
            found[one.slot_id].append(one)
        cursor = page.next_cursor
        if cursor is None:
            return found


def _place(session: Session, site_id: UUID) -> str:
    site = directory.get_site(session, site_id)
    return f"{site.name}, {site.address}, {site.postal_code} {site.city}"
