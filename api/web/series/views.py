"""What the pages of series show: rows, sessions, slots, offers, relays, choices. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from api.web.desk_views import Option
from regulation.orientation.explaining import say_distance
from regulation.orientation.facts import ProposedSlot
from regulation.series import service as series
from regulation.series.facts import Choice, PassReason, Relay, SeriesCard, SeriesEnd
from regulation.series.rules import to_come
from regulation.series.templates import shipped
from slots.appointments.facts import AppointmentStatusKind, AppointmentView
from snp.days import local_day, say_day, say_instant, say_interval
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.keys import Keys

WHY_LIST: Final = "liste des séries de séances"
WHY_ONE: Final = "série de séances ouverte"
ENDS: Final = {
    SeriesEnd.HANDED_OVER: "Suite chez le kinésithérapeute du choix du patient",
    SeriesEnd.RETURNED: "Retour chez le kinésithérapeute habituel",
    SeriesEnd.TO_DOCTOR: "Le patient doit revoir un médecin",
    SeriesEnd.NO_MORE_CARE: "Plus besoin de soins",
    SeriesEnd.GIVEN_UP: "Aucune séance n’a eu lieu",
    SeriesEnd.LAPSED: "Close d’office, sans suite notée",
}
REASONS: Final = {
    PassReason.ABSENCE: "Je suis absent",
    PassReason.SKILL: "Un confrère est mieux formé à ce soin",
    PassReason.PLACE: "Plus près de chez le patient",
    PassReason.PATIENT: "À la demande du patient",
    PassReason.LOAD: "Mon agenda est complet",
}
_STATES: Final = {
    AppointmentStatusKind.BOOKED: ("prévue", ""),
    AppointmentStatusKind.HONOURED: ("faite", "good"),
    AppointmentStatusKind.NO_SHOW: ("patient non venu", "care"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A series in a list. `who` is empty when it is not to be read."""

    id: UUID
    who: str
    what: str
    when: str
    sheet: str
    tone: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session of a series."""

    id: UUID
    number: int
    when: str
    carer: str
    state: str
    tone: str
    is_mine: bool
    may_move: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class SlotChoice:
    """A slot, or the slots of a whole series, that may be taken by one button."""

    value: str
    whens: tuple[str, ...]
    place: str
    distance: str


@dataclass(frozen=True, slots=True)
class RelayRow:
    """A relay as a list shows it."""

    id: UUID
    away: str
    colleague: str
    when: str
    may_end: bool


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A physiotherapist as plain information."""

    value: str
    name: str
    place: str
    phone: str
    distance: str
    said: str


def rows(session: Session, cards: Sequence[SeriesCard], *, keys: Keys, by: Actor, now: datetime) -> list[Row]:
    """Return series as rows; the identities are opened, audited."""
    ids = [card.series.request_id for card in cards]
    traits = series.read_patients(session, ids, keys=keys, why=WHY_LIST, by=by, now=now)
    return [
        _row(card, wording.full_name(traits[card.series.request_id]), now)
        if card.series.request_id in traits
        else _row(card, "", now)
        for card in cards
    ]


def _row(card: SeriesCard, who: str, now: datetime) -> Row:
    rest = to_come(card.sessions, now)
    if card.series.closed_as is not None:
        when = ENDS[card.series.closed_as]
    elif rest:
        when = f"Prochaine séance {say_instant(rest[0].start)}"
    else:
        when = "Plus de séance à venir" if card.sessions else "Pas encore de créneau"
    sheet, tone = sheet_state(card, now)
    count = len(card.sessions)
    what = f"{indication(card.series.indication)} · {count} séance{'s' if count > 1 else ''}"
    return Row(card.series.request_id, who, what, when, sheet, tone)


def sheet_state(card: SeriesCard, now: datetime) -> tuple[str, str]:
    """Return what is said of the sheet of a series, and in which tone; nothing before it is due."""
    if card.sheet is not None and card.sheet.finished_at is not None:
        return "Fiche terminée", "good"
    due = series.sheet_due_at(card.sessions, now)
    if due is not None and card.series.is_open:
        return "Fiche à remplir", "care"
    return ("Fiche commencée", "") if card.sheet is not None else ("", "")


def indication(code: str) -> str:
    """Return the words of an indication."""
    known = shipped().get(code)
    return known.label if known else "Kinésithérapie"


def session_rows(session: Session, card: SeriesCard, *, by: Actor, now: datetime) -> list[SessionRow]:
    """Return the sessions of a series by start."""
    names = {
        one.practitioner_id: directory.get_practitioner(session, one.practitioner_id, now=now).full_name
        for one in card.sessions
    }
    found = []
    for number, one in enumerate(card.sessions, start=1):
        state, tone = _STATES[one.status]
        mine = one.practitioner_id == by.practitioner
        booked = one.status is AppointmentStatusKind.BOOKED
        found.append(
            SessionRow(
                id=one.id,
                number=number,
                when=wording.capital(say_interval(one.start, one.end)),
                carer=names[one.practitioner_id],
                state="à clore" if booked and one.start <= now else state,
                tone="care" if booked and one.start <= now else tone,
                is_mine=mine,
                may_move=booked and one.start > now and card.series.is_open,
                may_close=booked and one.start <= now and mine,
            )
        )
    return found


def slot_choices(slots: Sequence[ProposedSlot]) -> list[SlotChoice]:
    """Return slots, each to be taken alone."""
    return way_choices([(one,) for one in slots])


def way_choices(ways: Sequence[tuple[ProposedSlot, ...]]) -> list[SlotChoice]:
    """Return whole ways, each to be taken by one button."""
    return [
        SlotChoice(
            value=" ".join(str(one.slot_id) for one in way),
            whens=tuple(wording.capital(say_instant(one.start)) for one in way),
            place=f"{way[0].site_name}, {way[0].site_address}",
            distance=say_distance(way[0].km),
        )
        for way in ways
    ]


def relay_rows(session: Session, relays: Sequence[Relay], *, by: Actor, now: datetime) -> list[RelayRow]:
    """Return relays with the names of both."""
    ids = {one.practitioner_id for one in relays} | {one.colleague_id for one in relays}
    names = {ident: directory.get_practitioner(session, ident, now=now).full_name for ident in ids}
    return [
        RelayRow(
            id=one.id,
            away=names[one.practitioner_id],
            colleague=names[one.colleague_id],
            when=f"du {say_day(one.starts_on)} au {say_day(one.ends_on)}",
            may_end=by.practitioner in {None, one.practitioner_id},
        )
        for one in relays
    ]


def choice_rows(choices: Sequence[Choice]) -> list[ChoiceRow]:
    """Return the physiotherapists among whom a patient chooses, in the order given."""
    return [
        ChoiceRow(
            value=str(one.practitioner_id),
            name=one.name,
            place=one.place,
            phone=wording.phone(one.phone),
            distance=say_distance(round(one.km, 1)),
            said=_said(one),
        )
        for one in choices
    ]


def _said(one: Choice) -> str:
    if one.takes_patients and one.said_at is not None:
        return f"dit prendre de nouveaux patients (le {say_day(local_day(one.said_at))})"
    return "n’a pas dit s’il prend de nouveaux patients : appelez"


def reason_options() -> list[Option]:
    """Return why a series is passed on."""
    return [Option(one.value, label) for one, label in REASONS.items()]


def dates_of(sessions: Sequence[AppointmentView]) -> list[str]:
    """Return the days of sessions."""
    return [say_day(local_day(one.start)) for one in sessions]
