"""What is kept of a person, holder by holder, as a machine reads it too; every opening is audited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.persons import asked_rows, repository
from api.persons.facts import JournalQuery
from regulation.intake import service as intake
from regulation.intake.facts import RequestView
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import EntryView
from regulation.messages import service as messages
from regulation.series import service as series
from regulation.series.facts import SeriesView, Sheet
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.platform.actors import Actor
from snp.platform.keys import Keys

RECENT_ASKED: Final = 50
"""How many of the rights that somebody asked for are told, the last ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose record is put together, by whom and when."""

    session: Session
    patient_id: UUID
    keys: Keys
    why: str
    by: Actor
    now: datetime


def _identity(asked: Asked) -> dict[str, Any]:
    traits = intake.identity_of(
        asked.session, asked.patient_id, keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )
    return {
        "family_name": traits.family_name,
        "given_name": traits.given_name,
        "birth_date": traits.birth_date,
        "sex": traits.sex,
        "phone": traits.phone,
        "insee": traits.insee,
    }


def _requests(asked: Asked) -> list[dict[str, Any]]:
    return [_request(asked, view) for view in _views(asked)]


def _request(asked: Asked, view: RequestView) -> dict[str, Any]:
    sealed = intake.read_confidential(
        asked.session, view.id, keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )
    story = intake.story(asked.session, view.id, by=asked.by, now=asked.now)
    return {
        "number": view.number,
        "opened_at": view.created_at,
        "state": view.state,
        "origin": view.origin,
        "reason": view.reason,
        "disposition": view.disposition,
        "priority": view.priority,
        "deadline": view.deadline,
        "caller": None if sealed.caller is None else sealed.caller.name,
        "note": sealed.note,
        "story": [{"at": one.at, "move": one.move, "state": one.to_state, "role": one.role} for one in story],
    }


def _appointments(asked: Asked) -> list[dict[str, Any]]:
    ids = frozenset(view.id for view in _views(asked))
    if not ids:
        return []
    page = appointments.list_appointments(asked.session, AppointmentFilter(request_ids=ids), limit=100)
    return [
        {
            "start": one.start,
            "end": one.end,
            "mode": one.mode,
            "status": one.status,
            "practitioner_id": one.practitioner_id,
            "site_id": one.site_id,
        }
        for one in page.items
    ]


def _accesses(asked: Asked) -> list[dict[str, Any]]:
    wanted = JournalQuery(patient_id=asked.patient_id)
    found = repository.lines(asked.session, wanted, territories=None, before=None, limit=1000)
    return [{"at": one.at, "role": one.role, "action": one.action, "why": one.why} for one in found]


def _views(asked: Asked) -> Sequence[RequestView]:
    return intake.requests_of_patient(asked.session, asked.patient_id, by=asked.by)


def request_ids_of(asked: Asked) -> frozenset[UUID]:
    """The requests of the person."""
    return frozenset(view.id for view in _views(asked))


def entries_of(asked: Asked) -> Sequence[EntryView]:
    """The person's entries of the list of people without a médecin traitant, locked; opens who he is."""
    standing = intake.patient_standing(asked.session, asked.patient_id, by=asked.by)
    if standing.forgotten_at is not None:
        return []
    traits = intake.identity_of(
        asked.session, asked.patient_id, keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )
    return register.entries_of_person(
        asked.session,
        standing.territory_id,
        traits,
        request_ids_of(asked),
        hasher=asked.keys.hasher(),
    )


def _series(asked: Asked) -> list[dict[str, Any]]:
    found = series.series_of_person(
        asked.session,
        asked.patient_id,
        request_ids_of(asked),
        keys=asked.keys,
        why=asked.why,
        by=asked.by,
        now=asked.now,
    )
    return [_one_series(view, sheets) for view, sheets in found]


def _one_series(view: SeriesView, sheets: Sequence[Sheet]) -> dict[str, Any]:
    return {
        "indication": view.indication,
        "practitioner_id": view.practitioner_id,
        "usual_practitioner_id": view.usual_practitioner_id,
        "chosen_practitioner_id": view.chosen_practitioner_id,
        "diagnosed": view.diagnosed,
        "diagnosed_on": view.diagnosed_on,
        "sessions_elsewhere": view.sessions_elsewhere,
        "opened_at": view.opened_at,
        "closed_at": view.closed_at,
        "closed_as": view.closed_as,
        "sheets": [
            {
                "revision": sheet.revision,
                "finished_at": sheet.finished_at,
                "texts": {one.label: sheet.content.texts.get(one.code, "") for one in sheet.sections},
                "email": sheet.content.email,
            }
            for sheet in sheets
        ],
    }


def _entries(asked: Asked) -> list[dict[str, Any]]:
    records = register.record_of_entries(
        asked.session, entries_of(asked), keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )
    return [_entry(one) for one in records]


def _entry(one: register.EntryRecord) -> dict[str, Any]:
    entry, traits = one.entry, one.person.traits
    return {
        "number": entry.number,
        "state": entry.state,
        "origin": entry.origin,
        "signed_up_at": entry.created_at,
        "closed_at": entry.closed_at,
        "family_name": traits.family_name,
        "given_name": traits.given_name,
        "birth_date": traits.birth_date,
        "phone": traits.phone,
        "email": one.person.email,
        "insee": entry.insee,
        "ald": entry.ald,
        "pregnant_until": entry.pregnant_until,
        "discharged_on": entry.discharged_on,
        "housebound": entry.housebound,
        "consents": [
            {"given": each.given, "text": each.text_version, "at": each.at} for each in one.consents
        ],
        "story": [{"at": each.at, "move": each.move, "role": each.role} for each in one.moves],
        "practices_asked": [
            {
                "at": each.at,
                "practice": each.practice,
                "practitioner_id": each.practitioner_id,
                "answer": each.answer,
                "reason": each.reason,
                "note": each.note,
            }
            for each in one.calls
        ],
    }


def _reminders(asked: Asked) -> list[dict[str, Any]]:
    return messages.record_of_choices(asked.session, request_ids_of(asked), keys=asked.keys)


def _asked(asked: Asked) -> list[dict[str, Any]]:
    found = asked_rows.of_patient(asked.session, asked.patient_id, limit=RECENT_ASKED)
    return [
        {"right": one.right, "asked_at": one.asked_at, "answered_at": one.answered_at, "number": one.number}
        for one in found
    ]


HOLDERS: Final[dict[str, Callable[[Asked], Any]]] = {
    "identity": _identity,
    "requests": _requests,
    "appointments": _appointments,
    "series": _series,
    "mt_list": _entries,
    "reminders": _reminders,
    "rights_asked": _asked,
    "accesses": _accesses,
}
"""Who keeps something of a person. A package that begins to adds its line here."""
