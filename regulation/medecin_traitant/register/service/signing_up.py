"""Coming onto the list: by the public page, which tells nobody anything, or by a professional, who is told.

A person is the same by name and day of birth with the same phone or e-mail. On the public page that is never
said: whoever types gets the same answer, and the one person concerned gets the message.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake import traits
from regulation.intake.facts import Origin, PatientTraits
from regulation.intake.service.opening import check_commune, territory_of
from regulation.medecin_traitant.register import moving, repository, rules, sealing
from regulation.medecin_traitant.register.facts import (
    Circumstances,
    Consent,
    EntryMove,
    EntryOrigin,
    EntryState,
    EntryView,
    SignUp,
)
from regulation.medecin_traitant.register.refusals import AlreadyOnTheList, EntryMoved
from regulation.medecin_traitant.register.rules import CONSENT_VERSION
from regulation.medecin_traitant.register.service.reading import open_people
from regulation.messages.facts import Kind, Medium
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import Forbidden, InvalidValue
from snp.platform import audit
from snp.platform.actors import DESK_ROLES, REGULATION_ROLES, Actor, Role
from snp.platform.columns import new_id
from snp.platform.hashing import KeyedHash
from snp.platform.keys import Keys
from snp.terms import Phone

MOST_UNCONFIRMED: Final = 3
"""Entries with one phone or e-mail that may wait for their confirmation: nobody is flooded with messages."""
_A_DAY: Final = timedelta(days=1)
_ORIGINS: Final = {Role.PHARMACY: EntryOrigin.PHARMACY, Role.NURSE_PRACTICE: EntryOrigin.NURSE}
EMAIL_DOMAIN: Final = "email"


def sign_up(session: Session, typed: SignUp, *, keys: Keys, by: Actor, now: datetime) -> None:
    """Take in what was typed on the public page; tells the caller nothing of who is on the list.

    A new person gets a message to confirm; one already there is told so, by message, once a day at most.
    Raises `InvalidValue` for what could be nobody's, `NotFound` (territory).
    """
    directory.get_territory(session, typed.territory_id)
    whole = _checked(session, typed, now)
    medium = _medium(whole)
    if medium is None:
        raise InvalidValue("phone", "un numéro de mobile ou une adresse électronique est nécessaire.")
    known = _known(session, whole, keys.hasher())
    if known is not None and known.state is not EntryState.UNCONFIRMED:
        moving.tell(session, known, Kind.MT_KNOWN, now, not_within=_A_DAY)
        return
    if known is not None:
        values = _content(known.id, whole, medium, keys)
        repository.update_entry(session, known.id, values)
        repository.insert_consent(session, known.id, whole.consent, given=True, by=by, now=now)
        view = repository.load(session, [known.id])[known.id]
        moving.tell(session, view, Kind.MT_CONFIRM, now, not_within=timedelta(hours=1))
        return
    if _is_flooded(session, whole, keys.hasher(), now):
        return
    try:
        view = _insert(session, whole, EntryOrigin.PATIENT, medium, keys=keys, by=by, now=now)
    except AlreadyOnTheList:  # the same form sent twice at once: the other one's message leaves
        return
    moving.tell(session, view, Kind.MT_CONFIRM, now)


def add_entry(session: Session, typed: SignUp, *, keys: Keys, by: Actor, now: datetime) -> EntryView:
    """Put on the list somebody who agreed at a counter or on the phone; it counts at once.

    An unconfirmed entry of the same person becomes this one. Raises `InvalidValue`, `NotFound`, `Forbidden`,
    `AlreadyOnTheList`.
    """
    if by.role not in DESK_ROLES | REGULATION_ROLES:
        raise Forbidden(f"a {by.role.value} puts nobody on the list")
    territory_of(session, typed.territory_id, by)
    whole = _checked(session, typed, now)
    known = _known(session, whole, keys.hasher())
    if known is not None and known.state is not EntryState.UNCONFIRMED:
        moving.record_audit(
            session, audit.AuditAction.SEARCH, known.id, why="déjà sur la liste", by=by, now=now
        )
        raise AlreadyOnTheList(known.number)
    if known is not None:
        repository.delete_unconfirmed(session, known.id)
    origin = _ORIGINS.get(by.role, EntryOrigin.REGULATION)
    return _insert(session, whole, origin, _medium(whole), keys=keys, by=by, now=now)


def add_from_request(
    session: Session,
    request_id: UUID,
    circumstances: Circumstances,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> EntryView:
    """Put the patient of a request on the list, with the traits and commune that it already holds.

    Tapped twice it finds the entry of the first time. Raises as `add_entry`.
    """
    request = intake.get_request(session, request_id, by=by, now=now)
    earlier = repository.of_request(session, request_id)
    if earlier is not None:
        return moving.visible(earlier, by)
    why = "inscription sur la liste médecin traitant"
    found = intake.read_identities(session, [request_id], keys=keys, why=why, by=by, now=now)
    typed = SignUp(
        territory_id=request.territory_id,
        patient=found[request_id],
        consent=Consent(CONSENT_VERSION),
        circumstances=circumstances,
        request_id=request_id,
    )
    return add_entry(session, typed, keys=keys, by=by, now=now)


def correct_entry(
    session: Session, entry_id: UUID, circumstances: Circumstances, *, by: Actor, now: datetime
) -> EntryView:
    """Write anew what counts for the order of the list. Raises `InvalidValue`, `NotFound`, `EntryMoved`."""
    view = moving.locked(session, entry_id, by=by)
    today = local_day(now)
    told = replace(circumstances)
    if told.pregnant_until == view.pregnant_until and told.discharged_on == view.discharged_on:
        checked = told
    else:
        checked = rules.checked_circumstances(told, today)
    return moving.move(session, view, EntryMove.CORRECT, changes=_circumstances(checked), by=by, now=now)


def correct_contact(
    session: Session,
    entry_id: UUID,
    *,
    phone: str | None,
    email: str | None,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> EntryView:
    """Write anew how the person is reached; his wait is kept.

    Raises `InvalidValue`, `NotFound`, `EntryMoved`, `AlreadyOnTheList`.
    """
    view = moving.locked(session, entry_id, by=by)
    why = "coordonnées corrigées sur la liste médecin traitant"
    shown = open_people(session, [entry_id], keys=keys, why=why, by=by, now=now).get(entry_id)
    if shown is None:
        raise EntryMoved(rules.STATE_LABELS[view.state])
    typed = SignUp(
        territory_id=view.territory_id,
        patient=replace(shown.traits, phone=str(Phone.parse(phone)) if phone else None),
        consent=Consent(CONSENT_VERSION),
        email=rules.checked_email(email),
    )
    cipher = keys.cipher()
    values = {
        "identity": sealing.seal_identity(cipher, entry_id, typed.patient),
        "email": sealing.seal_text(cipher, sealing.EMAIL, entry_id, typed.email),
        **hashes(keys.hasher(), typed.patient, typed.email),
        "medium": _medium(typed),
    }
    rules.next_state(view.state, EntryMove.CORRECT)
    repository.update_contact(session, entry_id, values)
    moving.record_audit(session, audit.AuditAction.CHANGE, entry_id, why=why, by=by, now=now)
    data = {"fields": ["contact"]}
    return moving.move(session, view, EntryMove.CORRECT, data=data, by=by, now=now)


def look_alikes(session: Session, view: EntryView) -> list[EntryView]:
    """Return the other entries of what looks like the same person, for the regulation to close."""
    return repository.look_alikes(session, view)


def _checked(session: Session, typed: SignUp, now: datetime) -> SignUp:
    today = local_day(now)
    if typed.consent.text_version != CONSENT_VERSION:
        raise InvalidValue("consent", "le texte a changé : relisez-le.")
    patient = traits.checked_patient(typed.patient, Origin.PHARMACY, today)
    check_commune(session, patient.insee)
    return replace(
        typed,
        patient=patient,
        email=rules.checked_email(typed.email),
        circumstances=rules.checked_circumstances(typed.circumstances, today),
    )


def _medium(typed: SignUp) -> Medium | None:
    """Return how messages reach the person: the mobile first, since an address goes stale sooner."""
    phone = typed.patient.phone
    if phone is not None and Phone.parse(phone).takes_sms:
        return Medium.SMS
    return Medium.EMAIL if typed.email else None


def _known(session: Session, typed: SignUp, hasher: KeyedHash) -> EntryView | None:
    person = typed.patient
    return repository.same_contact(
        session,
        typed.territory_id,
        person=hasher.person_candidates(person.family_name, person.given_name, person.birth_date),
        **_contact_hashes(typed, hasher),
    )


def _contact_hashes(typed: SignUp, hasher: KeyedHash) -> dict[str, list[bytes]]:
    phone, email = typed.patient.phone, typed.email
    return {
        "phone": hasher.phone_candidates(phone) if phone else [],
        "email": hasher.candidates(EMAIL_DOMAIN, email) if email else [],
    }


def _is_flooded(session: Session, typed: SignUp, hasher: KeyedHash, now: datetime) -> bool:
    count = repository.unconfirmed_of(session, **_contact_hashes(typed, hasher), since=now - _A_DAY)
    return count >= MOST_UNCONFIRMED


def _content(entry_id: UUID, typed: SignUp, medium: Medium | None, keys: Keys) -> dict[str, Any]:
    cipher, person = keys.cipher(), typed.patient
    return {
        "identity": sealing.seal_identity(cipher, entry_id, person),
        "email": sealing.seal_text(cipher, sealing.EMAIL, entry_id, typed.email),
        **hashes(keys.hasher(), person, typed.email),
        "insee": person.insee,
        "birth_year": person.birth_date.year,
        "medium": medium,
        **_circumstances(typed.circumstances),
    }


def hashes(hasher: KeyedHash, person: PatientTraits, email: str | None) -> dict[str, bytes | None]:
    """Return what an entry is found again by."""
    return {
        "person_hash": hasher.person(person.family_name, person.given_name, person.birth_date),
        "phone_hash": hasher.phone(person.phone) if person.phone else None,
        "email_hash": hasher.digest(EMAIL_DOMAIN, email) if email else None,
    }


def _circumstances(told: Circumstances) -> dict[str, bool | date | None]:
    return {
        "ald": told.ald,
        "pregnant_until": told.pregnant_until,
        "discharged_on": told.discharged_on,
        "housebound": told.housebound,
    }


def _insert(
    session: Session,
    typed: SignUp,
    origin: EntryOrigin,
    medium: Medium | None,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> EntryView:
    entry_id = new_id()
    counts = origin is not EntryOrigin.PATIENT
    state = EntryState.WAITING if counts else EntryState.UNCONFIRMED
    repository.insert_entry(
        session,
        {
            "id": entry_id,
            "territory_id": typed.territory_id,
            "origin": origin,
            "organisation_id": by.organisation if by.role in DESK_ROLES else None,
            "request_id": typed.request_id,
            "state": state,
            **_content(entry_id, typed, medium, keys),
            "waiting_since": now if counts else None,
            "asked_count": 0,
            "created_at": now,
            "created_by": by.ident,
        },
    )
    repository.insert_consent(session, entry_id, typed.consent, given=True, by=by, now=now)
    repository.insert_move(
        session,
        entry_id,
        EntryMove.SIGN_UP,
        from_state=None,
        to_state=state,
        reasons=(),
        data={"origin": origin.value},
        by=by,
        now=now,
    )
    why = "inscription sur la liste médecin traitant"
    moving.record_audit(session, audit.AuditAction.CREATE, entry_id, why=why, by=by, now=now)
    return repository.load(session, [entry_id])[entry_id]
