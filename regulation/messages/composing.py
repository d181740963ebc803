"""From a queued message to a letter, at the moment it leaves: what is no longer so is not said.

The identity of a patient is opened here for his phone alone, audited, and kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.coverage import service as coverage
from regulation.intake.service.reading import open_identities
from regulation.messages import choosing, series_letters, texts
from regulation.messages.alerting import told_of_rights
from regulation.messages.facts import Kind, Letter, Medium, Whereabouts
from regulation.messages.register_letters import OF_THE_REGISTER, register_letter
from regulation.messages.rota_letters import OF_ROTAS, rota_letter
from regulation.messages.rules import gsm
from regulation.messages.splitting import cancelled_by
from regulation.series import service as series
from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotState
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentView, CancelledBy
from slots.sharing import service as sharing
from slots.sharing.facts import SharingState
from snp.assignment.facts import Mode
from snp.days import day_bounds, local_day
from snp.directory import service as directory
from snp.notifications.facts import Message, Unneeded
from snp.platform.actors import Role, system
from snp.platform.keys import Keys
from snp.platform.secret_links import read_secret, secret_text
from snp.terms import Phone

PATIENT_PAGE: Final = "patient-page"
"""The domain under which the secret of a patient's page is signed."""
SENDER: Final = system("messages")
WHY: Final = "message au patient"
_ELSEWHERE: Final = {Mode.HH: "à votre domicile", Mode.VR: "à distance"}
_OF_WHAT_IS_OVER: Final = frozenset({Kind.PATIENT_CANCELLED, Kind.CARER_CANCELLED})
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """What composing needs of the service: its keys, and the address that readers' links begin with."""

    keys: Keys = field(repr=False)
    address: str

    def patient_page(self, appointment_id: UUID) -> str:
        """Return the address of a patient's page; whoever holds it needs no code."""
        return f"{self.address}/rdv/{secret_text(PATIENT_PAGE, appointment_id, self.keys.hasher())}"


def appointment_of(secret: str, keys: Keys) -> UUID | None:
    """Return the appointment that the secret of a patient's page names; None for anything else."""
    return read_secret(PATIENT_PAGE, secret, keys.hasher())


def compose(session: Session, message: Message, desk: Desk, now: datetime) -> Letter | Unneeded:
    """Return the letter of a queued message, or why there is nothing to send any more."""
    kind, medium = Kind(str(message.payload["kind"])), Medium(message.topic)
    match kind:
        case (
            Kind.COORDINATOR_SHORTAGE
            | Kind.COORDINATOR_DEAD_LETTERS
            | Kind.COORDINATOR_OFFER
            | Kind.EMERGENCY_OPENED
            | Kind.RIGHT_ASKED
        ):
            return _for_coordinator(session, kind, message, desk)
        case Kind.CARER_DIGEST:
            return _digest(session, medium, message, desk, now)
        case Kind.CARER_SLOT_CALL:
            return _slot_call(session, medium, message, desk, now)
        case _ if kind in OF_ROTAS:
            return rota_letter(session, kind, message, address=desk.address, now=now)
        case _ if kind in OF_THE_REGISTER:
            return register_letter(session, kind, message, desk.keys, address=desk.address, now=now)
        case _:
            return _of_a_patient(session, message, desk, now)


def _of_a_patient(session: Session, message: Message, desk: Desk, now: datetime) -> Letter | Unneeded:
    """Return what is told of a series, or of one appointment."""
    kind = Kind(str(message.payload["kind"]))
    tell = _of_series if kind in series_letters.KINDS else _of_appointment
    return tell(session, message, desk, now)


def _of_appointment(session: Session, message: Message, desk: Desk, now: datetime) -> Letter | Unneeded:
    """Return what the patient or the carer is told of an appointment, while it still stands so."""
    kind, medium = Kind(str(message.payload["kind"])), Medium(message.topic)
    one = appointments.get_appointment(session, UUID(str(message.payload["appointment_id"])))
    if not _is_still_so(kind, one, now):
        return Unneeded("no-longer-so")
    if kind in {Kind.CARER_BOOKED, Kind.CARER_MOVED, Kind.CARER_CANCELLED}:
        return _for_carer(session, kind, medium, one, desk=desk, now=now)
    if kind in choosing.REMINDERS and choosing.reminder_way(session, one.request_id).value != medium.value:
        return Unneeded("not-wanted")
    if medium is Medium.EMAIL:
        return _reminder_by_mail(session, kind, one, desk, now)
    return _for_patient(session, kind, one, desk, now)


def _of_series(session: Session, message: Message, desk: Desk, now: datetime) -> Letter | Unneeded:
    """A letter about a series: to its patient by the link of his appointment, to carers by their pages."""
    kind = Kind(str(message.payload["kind"]))
    medium, request_id = Medium(message.topic), UUID(str(message.payload["request_id"]))
    if kind is not Kind.PATIENT_SHEET:
        carer_id = UUID(str(message.payload["practitioner_id"]))
        to = _address(session, carer_id, medium, now)
        if to is None:
            return Unneeded("no-address")
        return series_letters.to_carer(kind, medium, to, f"{desk.address}/series/{request_id}")
    query = AppointmentFilter(request_ids=frozenset({request_id}), live=True)
    had = appointments.list_appointments(session, query).items
    if not had:
        return Unneeded("no-longer-so")
    page = f"{desk.patient_page(had[0].id)}/fiche"
    if medium is Medium.EMAIL:
        address = series.address_for_sheet(session, request_id, keys=desk.keys, now=now)
        return Unneeded("no-address") if address is None else series_letters.to_patient_email(address, page)
    traits = open_identities(session, [request_id], keys=desk.keys, why=WHY, by=SENDER, now=now)
    phone = traits[request_id].phone
    if phone is None or not Phone.parse(phone).takes_sms:
        return Unneeded("no-phone" if phone is None else "no-mobile")
    text = texts.patient_sms(kind, whereabouts(session, had[0], whole_series=False), page)
    return Letter(Medium.SMS, phone, "", gsm(text))


def whereabouts(session: Session, one: AppointmentView, *, whole_series: bool) -> Whereabouts:
    """Return when and where an appointment is; with every session of its series when asked."""
    starts = [one.start]
    if whole_series:
        query = AppointmentFilter(request_ids=frozenset({one.request_id}), live=True)
        starts = [other.start for other in appointments.list_appointments(session, query).items] or starts
    site = directory.get_site(session, one.site_id)
    return Whereabouts(
        tuple(sorted(starts)),
        _ELSEWHERE.get(one.mode, f"{site.address}, {site.postal_code} {site.city}"),
    )


def _is_still_so(kind: Kind, one: AppointmentView, now: datetime) -> bool:
    """Whether a message still says the truth, however long it stood in the queue.

    What has begun is told to nobody; « demain » may have become today.
    """
    if one.start <= now or not (one.live or kind in _OF_WHAT_IS_OVER):
        return False
    tomorrow = local_day(now) + timedelta(days=1)
    return kind is not Kind.PATIENT_DAY_BEFORE or local_day(one.start) == tomorrow


def _for_patient(
    session: Session, kind: Kind, one: AppointmentView, desk: Desk, now: datetime
) -> Letter | Unneeded:
    traits = open_identities(session, [one.request_id], keys=desk.keys, why=WHY, by=SENDER, now=now)
    phone = traits[one.request_id].phone if one.request_id in traits else None
    if phone is None:
        return Unneeded("no-phone")
    if not Phone.parse(phone).takes_sms:
        return Unneeded("no-mobile")
    again = kind is Kind.PATIENT_CANCELLED and cancelled_by(session, one) is CancelledBy.PRACTITIONER
    where = whereabouts(session, one, whole_series=kind is Kind.PATIENT_BOOKED)
    text = texts.patient_sms(kind, where, desk.patient_page(one.id), sought_again=again)
    return Letter(Medium.SMS, phone, "", gsm(text))


def _reminder_by_mail(
    session: Session, kind: Kind, one: AppointmentView, desk: Desk, now: datetime
) -> Letter | Unneeded:
    to = choosing.address_for_reminder(session, one.request_id, keys=desk.keys, by=SENDER, now=now)
    if to is None:
        return Unneeded("no-address")
    where = whereabouts(session, one, whole_series=False)
    text = texts.reminder_email(kind, where, desk.patient_page(one.id))
    return Letter(Medium.EMAIL, to, texts.reminder_subject(where), text)


def _for_carer(
    session: Session, kind: Kind, medium: Medium, one: AppointmentView, *, desk: Desk, now: datetime
) -> Letter | Unneeded:
    where = whereabouts(session, one, whole_series=kind is Kind.CARER_BOOKED)
    to = _address(session, one.practitioner_id, medium, now)
    if to is None:
        return Unneeded("no-address")
    if medium is Medium.SMS:
        return Letter(medium, to, "", gsm(texts.carer_sms(kind, where, desk.address)))
    text = texts.carer_email(kind, where, f"{desk.address}/")
    return Letter(medium, to, texts.carer_subject(kind, where), text)


def _digest(
    session: Session, medium: Medium, message: Message, desk: Desk, now: datetime
) -> Letter | Unneeded:
    carer_id = UUID(str(message.payload["practitioner_id"]))
    day = date.fromisoformat(str(message.payload["day"]))
    first, last = day_bounds(day)
    booked = AppointmentFilter(
        practitioner_ids=frozenset({carer_id}), live=True, starts_from=first, starts_before=last
    )
    starts = [one.start for one in appointments.list_appointments(session, booked, limit=_MOST).items]
    to = _address(session, carer_id, medium, now)
    if not starts or first <= now or to is None:
        return Unneeded("no-longer-so" if to else "no-address")
    if medium is Medium.SMS:
        return Letter(medium, to, "", gsm(texts.digest_sms(day, starts, desk.address)))
    offered = SlotFilter(
        practitioner_ids=frozenset({carer_id}),
        starts_from=first,
        starts_before=last,
        states=frozenset({SlotState.OPEN}),
    )
    slots = agenda.list_slots(session, offered, now=now, limit=_MOST).items
    free = sum(slot.occupancy is Occupancy.FREE for slot in slots)
    text = texts.digest_email(day, starts, free, f"{desk.address}/")
    return Letter(medium, to, texts.digest_subject(day, len(starts)), text)


def _slot_call(
    session: Session, medium: Medium, message: Message, desk: Desk, now: datetime
) -> Letter | Unneeded:
    """A call for slots, unless it ended while the message waited, or none of its moments is left."""
    page = coverage.ask_page(session, UUID(str(message.payload["ask_id"])), now=now)
    if page.call.ended_at is not None or not page.open_moments or page.paused is not None:
        return Unneeded("no-longer-so")
    to = _address(session, page.ask.practitioner_id, medium, now)
    if to is None:
        return Unneeded("no-address")
    link = f"{desk.address}/lien/{coverage.secret_of(page.ask.id, desk.keys)}"
    moments = [(one.start, one.end) for one in page.open_moments]
    if medium is Medium.SMS:
        return Letter(medium, to, "", gsm(texts.slot_call_sms(moments, link)))
    return Letter(medium, to, texts.slot_call_subject(moments), texts.slot_call_email(moments, link))


def _address(session: Session, carer_id: UUID, medium: Medium, now: datetime) -> str | None:
    carer = directory.get_practitioner(session, carer_id, now=now)
    return carer.phone if medium is Medium.SMS else carer.email


def _for_borrower(session: Session, message: Message, desk: Desk) -> Letter | Unneeded:
    """An offer that was answered, or taken back, while this waited is told to nobody."""
    offer = sharing.get_sharing(session, UUID(str(message.payload["sharing_id"])))
    territory = directory.get_territory(session, offer.borrower_id)
    place = int(str(message.payload["place"]))
    address = dict(enumerate(territory.settings.alert_emails)).get(place)
    if address is None or offer.state is not SharingState.OFFERED:
        return Unneeded("no-address" if address is None else "no-longer-so")
    lender = directory.get_territory(session, offer.lender_id).name
    text = texts.offer_email(lender, territory.name, f"{desk.address}/coordination/voisins")
    return Letter(Medium.EMAIL, address, texts.offer_subject(lender), text)


def _emergency(session: Session, message: Message, desk: Desk) -> Letter | Unneeded:
    """A dossier was opened from elsewhere: told to the addresses that the territory has when this leaves."""
    assert message.territory_id is not None
    territory = directory.get_territory(session, message.territory_id)
    told = dict.fromkeys((*territory.settings.alert_emails, *territory.settings.protection_emails))
    address = dict(enumerate(told)).get(int(str(message.payload["place"])))
    if address is None:
        return Unneeded("no-address")
    at, role = datetime.fromisoformat(str(message.payload["at"])), Role(str(message.payload["role"]))
    page = f"{desk.address}/protection/urgences"
    return Letter(
        Medium.EMAIL,
        address,
        texts.emergency_subject(territory.name),
        texts.emergency_email(territory.name, role, at, page),
    )


def _right_asked(session: Session, message: Message, desk: Desk) -> Letter | Unneeded:
    assert message.territory_id is not None
    territory = directory.get_territory(session, message.territory_id)
    told = dict(enumerate(told_of_rights(territory)))
    address = told.get(int(str(message.payload["place"])))
    if address is None:
        return Unneeded("no-address")
    text = texts.right_asked_email(territory.name, f"{desk.address}/protection/demandes")
    return Letter(Medium.EMAIL, address, texts.right_asked_subject(territory.name), text)


def _for_coordinator(session: Session, kind: Kind, message: Message, desk: Desk) -> Letter | Unneeded:
    if kind is Kind.COORDINATOR_OFFER:
        return _for_borrower(session, message, desk)
    if kind is Kind.EMERGENCY_OPENED:
        return _emergency(session, message, desk)
    if kind is Kind.RIGHT_ASKED:
        return _right_asked(session, message, desk)
    assert message.territory_id is not None
    territory = directory.get_territory(session, message.territory_id)
    to = str(message.payload["place"])
    address = dict(enumerate(territory.settings.alert_emails)).get(int(to))
    if address is None:
        return Unneeded("no-address")
    page = f"{desk.address}/"
    if kind is Kind.COORDINATOR_DEAD_LETTERS:
        counts = [(str(topic), int(count)) for topic, count in message.payload["counts"]]
        total = sum(count for _, count in counts)
        return Letter(
            Medium.EMAIL, address, texts.dead_letters_subject(total), texts.dead_letters_email(counts, page)
        )
    waiting = [
        (str(number), datetime.fromisoformat(due) if due else None)
        for number, due in message.payload["requests"]
    ]
    return Letter(
        Medium.EMAIL,
        address,
        texts.shortage_subject(territory.name, len(waiting)),
        texts.shortage_email(territory.name, waiting, page),
    )
