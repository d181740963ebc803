"""What orientation asks of series while it books: grounds, limits, days between sessions, who holds them.

Stands below `regulation.orientation`, whose claims the use cases of `regulation.series.service` go through.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.facts import PatientTraits, RequestView
from regulation.intake.rules import FINAL_STATES
from regulation.series import direct_access, repository, rules
from regulation.series.facts import (
    PHYSIO,
    PassAnswer,
    Relay,
    SeriesEnd,
    SeriesEvent,
    SeriesTerms,
    SeriesView,
    Template,
)
from regulation.series.refusals import DirectAccessExhausted, DirectAccessNotAllowed
from regulation.series.templates import shipped
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentView
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import PractitionerFilter, PractitionerView, TerritoryView
from snp.platform.actors import Actor
from snp.platform.keys import Keys
from snp.platform.near import unbound

MANY = 200
_UNKNOWN = "other"


def is_physio(view: RequestView) -> bool:
    """Whether a request asks for a physiotherapist and nobody else."""
    return view.professions == frozenset({PHYSIO})


def template_of(session: Session, territory_id: UUID, indication: str | None) -> Template | None:
    """What a territory does for an indication: its own last revision, else what ships.

    None for no indication.
    """
    plain = shipped().get(indication or "")
    if plain is None:
        return None
    own = repository.templates(session, territory_id).get(plain.indication)
    return plain if own is None else named(own)


def named(own: Template) -> Template:
    """A stored revision under the label of its indication."""
    return Template(
        own.id,
        own.indication,
        shipped()[own.indication].label,
        own.revision,
        own.min_gap_days,
        own.max_gap_days,
        own.sections,
        own.created_at,
        own.created_by,
    )


def spacing(session: Session, territory_id: UUID, indication: str) -> tuple[int, int]:
    """Fewest and most days between two sessions; 1 to 7 for what has no template."""
    template = template_of(session, territory_id, indication)
    return (1, 7) if template is None else (template.min_gap_days, template.max_gap_days)


def grounds(
    session: Session,
    territory: TerritoryView,
    patient: PatientTraits,
    terms: SeriesTerms | None,
    *,
    sessions: int,
    delay_h: int,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> SeriesTerms:
    """On what grounds a carer brings a patient, checked. A doctor's referral is a medical diagnosis.

    Refused only when no day within the delay could do: the days chosen are judged when they are kept.
    Raises `InvalidValue`, `DirectAccessNotAllowed`, `DirectAccessExhausted`.
    """
    today = local_day(now)
    if by.profession != PHYSIO:
        usual = None if terms is None else terms.usual_practitioner_id
        return SeriesTerms(diagnosed=True, diagnosed_on=today, usual_practitioner_id=usual)
    checked = rules.checked_terms(terms or SeriesTerms(), today)
    if checked.diagnosed:
        return checked
    check_allowed(territory, today)
    hashes = keys.hasher().person_candidates(patient.family_name, patient.given_name, patient.birth_date)
    with unbound(session):  # the law counts a person's sessions wherever they were
        had, told = _had(session, requests.requests_of_person(session, hashes), elsewhere=checked)
    last_day = local_day(now + timedelta(hours=delay_h))
    soon = direct_access.exceeded(had, [today] * sessions, told)
    if soon is None or direct_access.exceeded(had, [last_day] * sessions, told) is None:
        return checked
    raise DirectAccessExhausted(soon)


def check_allowed(territory: TerritoryView, on: date) -> None:
    """Raise `DirectAccessNotAllowed` unless a territory gives sessions without diagnosis on a local day."""
    settings = territory.settings
    if not direct_access.is_allowed(
        territory.department, settings.direct_access_from, settings.direct_access_until, on
    ):
        raise DirectAccessNotAllowed


def check_declared(session: Session, series: SeriesView, practitioner_id: UUID, on: date) -> None:
    """Raise `DirectAccessNotAllowed` when a series without diagnosis goes to who is not declared."""
    if series.diagnosed:
        return
    said = repository.physio_terms(session, [practitioner_id]).get(practitioner_id)
    if said is None or said.direct_access_since is None or said.direct_access_since > on:
        raise DirectAccessNotAllowed


def narrowed_to(
    session: Session, territory: TerritoryView, terms: SeriesTerms, now: datetime
) -> frozenset[UUID] | None:
    """Whom a series may go to; None for any physiotherapist.

    Without a diagnosis: those who declared themselves to the ARS. While the usual one is away: the colleagues
    who stand in for him, when there are any.
    """
    allowed: frozenset[UUID] | None = None
    if not terms.diagnosed:
        said = repository.physio_terms(session, [one.id for one in physios(session, territory.id, now)])
        allowed = frozenset(
            one.practitioner_id
            for one in said.values()
            if one.direct_access_since is not None and one.direct_access_since <= local_day(now)
        )
    if terms.usual_practitioner_id is not None:
        colleagues = frozenset(
            one.colleague_id
            for one in relays_of(session, territory.id, terms.usual_practitioner_id, now)
            if one.runs_on(local_day(now))
        )
        if colleagues:
            return colleagues if allowed is None else colleagues & allowed
    return allowed


def relays_of(session: Session, territory_id: UUID, practitioner_id: UUID, now: datetime) -> list[Relay]:
    """Who stands in for a physiotherapist in a territory, today or later."""
    return repository.relays(
        session, territory_ids=[territory_id], of=practitioner_id, not_over_on=local_day(now)
    )


def physios(session: Session, territory_id: UUID, now: datetime) -> tuple[PractitionerView, ...]:
    """The physiotherapists of a territory, by name."""
    wanted = PractitionerFilter(territory_ids=frozenset({territory_id}), profession=PHYSIO)
    return directory.list_practitioners(session, wanted, limit=MANY, now=now).items


def open_series(session: Session, view: RequestView, terms: SeriesTerms, *, by: Actor, now: datetime) -> None:
    """Open the series of a request that asks for a physiotherapist."""
    repository.insert_series(
        session, view.id, view.territory_id, view.reason or _UNKNOWN, terms, by=by, now=now
    )
    code = "diagnosed" if terms.diagnosed else "direct_access"
    repository.add_line(session, view.id, SeriesEvent.OPENED, code=code, by=by, now=now)


def check_days(
    session: Session, view: RequestView, starts: Sequence[datetime], *, instead_of: Collection[UUID] = ()
) -> None:
    """Raise a refusal when sessions without diagnosis on these days are not allowed, or are too many.

    `instead_of`: appointments that these take the place of, which no longer count. Locks every series of
    the person, so that two bookings at once are counted one after the other.
    """
    series = repository.load(session, [view.id]).get(view.id)
    if series is None or series.diagnosed:
        return
    territory = directory.get_territory(session, view.territory_id)
    days = [local_day(start) for start in starts]
    for day in days:
        check_allowed(territory, day)
    with unbound(session):
        whole = requests.requests_of_same_person(session, view.patient_id)
        had, told = _had(session, whole, left_out=instead_of, lock=True)
    over = direct_access.exceeded(had, days, told)
    if over is not None:
        raise DirectAccessExhausted(over)


def note_booking(
    session: Session, view: RequestView, booked: Sequence[AppointmentView], *, by: Actor, now: datetime
) -> None:
    """Keep who holds the series of a request just booked; one that the regulation decided opens here."""
    if not booked or not is_physio(view):
        return
    if view.id not in repository.load(session, [view.id]):
        day = local_day(view.decided_at or now)
        open_series(session, view, SeriesTerms(diagnosed=True, diagnosed_on=day), by=by, now=now)
    holder = min(booked, key=lambda one: one.start).practitioner_id
    repository.update_series(session, view.id, practitioner_id=holder)
    repository.add_line(
        session, view.id, SeriesEvent.BOOKED, practitioner_id=holder, code=str(len(booked)), by=by, now=now
    )


def keeps_open(session: Session, request_id: UUID) -> bool:
    """Whether a request whose sessions are over waits for its physiotherapist to close the series."""
    series = repository.load(session, [request_id]).get(request_id)
    return series is not None and series.is_open


def end_with_request(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> None:
    """Close the series of a request that ended before any session took place."""
    series = repository.lock(session, [request_id]).get(request_id)
    if series is not None and series.is_open:
        close(session, series, SeriesEnd.GIVEN_UP, by=by, now=now)


def close(
    session: Session,
    series: SeriesView,
    end: SeriesEnd,
    *,
    chosen: UUID | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Close a locked series; an offer to a colleague that still runs is withdrawn."""
    for one in repository.running_passes(session, request_ids=[series.request_id]):
        repository.answer_pass(session, one.id, PassAnswer.WITHDRAWN, by=by, now=now)
    repository.update_series(
        session, series.request_id, closed_at=now, closed_as=end, chosen_practitioner_id=chosen
    )
    repository.add_line(
        session, series.request_id, SeriesEvent.CLOSED, practitioner_id=chosen, code=end.value, by=by, now=now
    )


def sessions_of(session: Session, request_ids: Collection[UUID]) -> dict[UUID, tuple[AppointmentView, ...]]:
    """The live sessions of requests, by start: booked, honoured or missed; three a request at most."""
    found: dict[UUID, list[AppointmentView]] = {ident: [] for ident in request_ids}
    if not found:
        return {}
    cursor = None
    while True:
        query = AppointmentFilter(request_ids=frozenset(request_ids), live=True)
        page = appointments.list_appointments(session, query, cursor=cursor, limit=MANY)
        for one in page.items:
            found[one.request_id].append(one)
        cursor = page.next_cursor
        if cursor is None:
            return {ident: tuple(own) for ident, own in found.items()}


def counted_without_diagnosis(session: Session, patient_id: UUID) -> tuple[list[date], list[date]]:
    """The days of a person's sessions without diagnosis, and those of the diagnoses that are known."""
    with unbound(session):
        return _had(session, requests.requests_of_same_person(session, patient_id))


def _had(
    session: Session,
    request_ids: Sequence[UUID],
    *,
    elsewhere: SeriesTerms | None = None,
    left_out: Collection[UUID] = (),
    lock: bool = False,
) -> tuple[list[date], list[date]]:
    """Days of sessions without diagnosis, and of diagnoses. What was had elsewhere: the last word counts."""
    found = repository.lock(session, request_ids) if lock else repository.load(session, request_ids)
    direct = [one for one in found.values() if not one.diagnosed]
    own = sessions_of(session, [one.request_id for one in direct])
    days = [
        local_day(one.start) for each in own.values() for one in rules.counted(each) if one.id not in left_out
    ]
    if elsewhere is not None:
        days += _elsewhere(elsewhere.sessions_elsewhere, elsewhere.first_elsewhere_on)
    elif direct:
        last = max(direct, key=lambda one: one.opened_at)
        days += _elsewhere(last.sessions_elsewhere, last.first_elsewhere_on)
    told = [one.diagnosed_on for one in found.values() if one.diagnosed and one.diagnosed_on is not None]
    return days, told


def _elsewhere(count: int, first: date | None) -> list[date]:
    return [] if first is None else [first] * count


def is_over(view: RequestView | None) -> bool:
    """Whether a request ended without waiting for its series."""
    return view is None or view.state in FINAL_STATES
