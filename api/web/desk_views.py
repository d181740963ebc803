"""What the desk's pages show: lists of reasons, signs, communes, dossiers of the organisation. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.security.errors import OutOfReach
from api.web import wording
from regulation.intake import service as intake
from regulation.intake.facts import RequestFilter, RequestOrder, RequestState, Sex
from regulation.intake.hours import outside
from regulation.intake.rules import STATE_LABELS
from regulation.triage import service as triage
from regulation.triage.facts import DeskList, DeskReason, Sign
from regulation.triage.rules import signs_of
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, AppointmentView
from slots.appointments.refusals import STATUS_FR
from snp.directory import service as directory
from snp.directory.facts import CommuneView, SiteFilter
from snp.platform.actors import DESK_ROLES, Actor
from snp.platform.keys import Keys

OTHER: Final = "autre"
"""The reason of whoever finds none: its general signs are still asked, then the 116 117 is named."""

WAITING: Final = frozenset(
    {RequestState.WAITING_MT, RequestState.SEEKING, RequestState.HELD, RequestState.UNSERVED}
)
BOOKED_ONCE: Final = frozenset({RequestState.BOOKED, RequestState.CANCELLED, RequestState.CLOSED})
_ROWS: Final = 6
_LOOKED_AT: Final = 4 * _ROWS
_MOST: Final = 100
_RECENT: Final = timedelta(hours=12)
_LABEL: Final = re.compile(r"(?P<name>.+?)\s*\((?P<postal>\d{5})\)")


@dataclass(frozen=True, slots=True)
class Option:
    """A radio of a form."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that may be picked, with the signs that go with it."""

    code: str
    label: str
    flags: tuple[Sign, ...]
    refer_out: tuple[Sign, ...] = ()
    test_label: str = ""
    max_sessions: int = 1
    delay_h: int = 48


@dataclass(frozen=True, slots=True)
class ReasonList:
    """The reasons of one list, under its title."""

    title: str
    reasons: tuple[ReasonChoice, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A dossier or an appointment in the margin of the desk's page."""

    id: UUID
    who: str
    state: str
    tone: str
    detail: str


SEXES: Final = (Option(Sex.FEMALE, "Femme"), Option(Sex.MALE, "Homme"))
_TONES: Final = {
    AppointmentStatusKind.CANCELLED: "alarm",
    AppointmentStatusKind.NO_SHOW: "alarm",
    AppointmentStatusKind.HONOURED: "good",
}
_TITLES: Final = {"counter": "Soins non programmés", "physio": "Kinésithérapie"}


def reason_lists(by: Actor, now: datetime) -> tuple[ReasonList, ...]:
    """Return the reasons that the actor's desk may pick, « autre motif » last for the counters."""
    lists = triage.lists_for(by, now)
    shown = [
        ReasonList(_TITLES.get(one.code, one.code), tuple(_choice(one, reason) for reason in one.reasons))
        for one in lists
    ]
    if by.role in DESK_ROLES and lists:
        other = ReasonChoice(OTHER, "Autre motif", lists[0].general_red_flags)
        shown[0] = ReasonList(shown[0].title, (*shown[0].reasons, other))
    return tuple(shown)


def reason_of(lists: Iterable[ReasonList], code: str | None) -> ReasonChoice | None:
    """Return the reason of a code, None when it may not be picked."""
    return next((reason for one in lists for reason in one.reasons if reason.code == code), None)


def _choice(desk_list: DeskList, reason: DeskReason) -> ReasonChoice:
    test = reason.pharmacist_test
    return ReasonChoice(
        code=reason.code,
        label=reason.label,
        flags=signs_of(desk_list, reason),
        refer_out=test.refer_out if test else (),
        test_label=test.label if test else "",
        max_sessions=reason.sessions,
        delay_h=reason.delay_h,
    )


def commune_label(commune: CommuneView) -> str:
    """Return a commune as the form writes it: « Pornic (44210) »."""
    return f"{commune.name} ({commune.postal_codes[0]})" if commune.postal_codes else commune.name


def own_communes(session: Session, by: Actor) -> list[CommuneView]:
    """Return the communes of the actor's territories, by name, each once."""
    found = {
        commune.insee: commune
        for territory_id in by.territories
        for commune in directory.communes_of(session, territory_id)
    }
    return sorted(found.values(), key=lambda commune: commune.name)


def home_commune(session: Session, by: Actor, now: datetime) -> CommuneView | None:
    """Return the commune where the actor's organisation stands: most of its patients are there."""
    if by.organisation is None:
        return None
    sites = directory.list_sites(session, SiteFilter(organisation_id=by.organisation), limit=1, now=now)
    return directory.get_commune(session, sites.items[0].insee) if sites.items else None


def matching_communes(session: Session, typed: str, by: Actor) -> Sequence[CommuneView]:
    """Return the communes that typed words may mean; only one when they name it entirely."""
    labelled = _LABEL.fullmatch(typed)
    words = labelled["name"] if labelled else typed
    found = directory.search_communes(session, words, near_territory_ids=by.territories)
    if labelled:
        found = [commune for commune in found if labelled["postal"] in commune.postal_codes] or found
    exact = [commune for commune in found if commune.name.casefold() == words.casefold()]
    return exact if len(exact) == 1 else found


def territory_for(session: Session, by: Actor, insee: str | None) -> UUID:
    """Return the territory that a request is for: the actor's own that covers the commune, else his first."""
    if insee is not None:
        covering = [
            territory.id
            for territory in directory.territories_covering(session, insee)
            if territory.id in by.territories
        ]
        if covering:
            return covering[0]
    if not by.territories:
        raise OutOfReach("no territory to bring a request to")
    return min(by.territories)


def closed_now(session: Session, by: Actor, now: datetime) -> str:
    """Return why no slot can be asked for at this hour; nothing when the desk is open, or never closes."""
    if by.role not in DESK_ROLES or not by.territories:
        return ""
    hours = directory.get_territory(session, territory_for(session, by, None)).settings.snp_hours
    return " ".join(reason.sentence for reason in outside(hours, now))


def waiting_rows(session: Session, by: Actor, *, keys: Keys, now: datetime) -> list[Row]:
    """Return the dossiers of the desk that wait for somebody; opens their identities, audited."""
    wanted = RequestFilter(states=WAITING, organisation_id=by.organisation, order=RequestOrder.NEWEST)
    page = intake.list_requests(session, wanted, limit=_ROWS, by=by, now=now)
    ids = tuple(request.id for request in page.items)
    names = intake.read_identities(
        session, ids, keys=keys, why="dossiers en cours du comptoir", by=by, now=now
    )
    return [
        Row(
            id=request.id,
            who=wording.full_name(names[request.id]),
            state=STATE_LABELS[request.state],
            tone="alarm" if request.state is RequestState.UNSERVED else "care",
            detail=f"Dossier {request.number}",
        )
        for request in page.items
        if request.id in names
    ]


def booked_rows(session: Session, by: Actor, *, keys: Keys, now: datetime) -> list[Row]:
    """Return the last appointments taken here that are not long over; opens their identities, audited.

    One line for each dossier, the newest first: what was just booked is always there.
    """
    wanted = RequestFilter(states=BOOKED_ONCE, organisation_id=by.organisation, order=RequestOrder.NEWEST)
    page = intake.list_requests(session, wanted, limit=_LOOKED_AT, by=by, now=now)
    last = _last_appointments(session, [request.id for request in page.items], now - _RECENT)
    shown = [request.id for request in page.items if request.id in last][:_ROWS]
    return _rows(session, shown, last, why="rendez-vous du comptoir", keys=keys, by=by, now=now)


def rows_of(
    session: Session, request_ids: Sequence[UUID], *, why: str, keys: Keys, by: Actor, now: datetime
) -> list[Row]:
    """Return a line for each of these dossiers that ever had an appointment; opens identities, audited."""
    last = _last_appointments(session, request_ids, None)
    shown = [ident for ident in request_ids if ident in last]
    return _rows(session, shown, last, why=why, keys=keys, by=by, now=now)


def _rows(
    session: Session,
    shown: Sequence[UUID],
    last: Mapping[UUID, AppointmentView],
    *,
    why: str,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> list[Row]:
    names = intake.read_identities(session, tuple(shown), keys=keys, why=why, by=by, now=now)
    return [
        _booked(session, last[ident], wording.full_name(names[ident]), now)
        for ident in shown
        if ident in names
    ]


def _last_appointments(
    session: Session, request_ids: Iterable[UUID], since: datetime | None
) -> dict[UUID, AppointmentView]:
    """Return one appointment of each request: the first that still stands, else the last that did."""
    query = AppointmentFilter(request_ids=frozenset(request_ids), starts_from=since)
    found: dict[UUID, AppointmentView] = {}
    for one in appointments.list_appointments(session, query, limit=_MOST).items:
        kept = found.get(one.request_id)
        if one.status is not AppointmentStatusKind.MOVED and (kept is None or not kept.live):
            found[one.request_id] = one
    return found


def _booked(session: Session, one: AppointmentView, who: str, now: datetime) -> Row:
    carer = directory.get_practitioner(session, one.practitioner_id, now=now)
    return Row(
        id=one.id,
        who=who,
        state="" if one.live else STATUS_FR[one.status],
        tone=_TONES.get(one.status, ""),
        detail=f"{wording.when(one.start, now)} · {carer.full_name}",
    )
