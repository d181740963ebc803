"""What a dossier's pages show: the patient, the deadline, proposals, what is held, the end. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from api.web.reasons import reason_label
from regulation.intake import service as intake
from regulation.intake.facts import (
    Disposition,
    Duplicate,
    Move,
    MoveView,
    RequestState,
    RequestView,
    SamePatient,
)
from regulation.intake.rules import STATE_LABELS
from regulation.orientation.explaining import say_distance
from regulation.orientation.facts import Proposals, ProposalView
from slots.agenda import service as agenda
from slots.agenda.facts import SlotFilter
from slots.appointments import service as appointments
from slots.appointments.refusals import HoldEnded, HoldExpired, HoldNotFound
from snp.assignment.facts import Mode
from snp.days import local_day, say_day, say_relative, say_time
from snp.directory import service as directory
from snp.directory.facts import SiteView
from snp.platform.actors import Actor
from snp.platform.keys import Keys

MOST_PROPOSALS: Final = 5
SAME_PATIENT: Final = {
    SamePatient.PERSON_AND_PHONE: "même personne, même téléphone",
    SamePatient.PERSON: "même personne",
    SamePatient.PHONE: "même téléphone, peut-être un proche",
}
_SHORT: Final = {"earliest": "Le plus tôt", "nearest": "Le plus proche"}
_MODES: Final = {Mode.AMB: "", Mode.HH: "à domicile", Mode.VR: "en téléconsultation"}


@dataclass(frozen=True, slots=True)
class Who:
    """Who a dossier is about, and what looks like the same patient elsewhere."""

    name: str
    born: str
    reason: str
    number: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """One proposal as it is read out to the patient."""

    id: UUID
    when: str
    practitioner: str
    profession: str
    place: str
    sessions: tuple[str, ...]
    wait: str
    distance: str
    why: tuple[str, ...]
    best: bool
    lender: str = ""


@dataclass(frozen=True, slots=True)
class HeldCard:
    """One held slot."""

    when: str
    practitioner: str
    profession: str
    place: str


def who(session: Session, request: RequestView, *, keys: Keys, why: str, by: Actor, now: datetime) -> Who:
    """Return who a dossier is about, and his other dossiers; opens the identity, audited with `why`."""
    opened = intake.read_confidential(session, request.id, keys=keys, why=why, by=by, now=now)
    traits = opened.identity.traits
    found = intake.find_duplicates(
        session, request.territory_id, traits, reason=request.reason, keys=keys, by=by, now=now
    )
    return Who(
        name=wording.full_name(traits),
        born=wording.born(traits),
        reason=reason_label(request.reason, local_day(now)),
        number=request.number,
        others=tuple(_duplicate(one) for one in found if one.request.id != request.id),
    )


def deadline(session: Session, request: RequestView, now: datetime) -> str:
    """Return by when the patient must be seen, for the question put to the médecin traitant."""
    if request.deadline is not None:
        return wording.until(request.deadline, now)
    hours = directory.get_territory(session, request.territory_id).settings.default_delay_hours
    return wording.until(now + timedelta(hours=request.estimated_delay_h or hours), now)


def _duplicate(one: Duplicate) -> str:
    """Return one line for an earlier request of what looks like the same patient; no identity in it."""
    opened = say_day(local_day(one.request.created_at))
    state = STATE_LABELS[one.request.state]
    return f"Dossier {one.request.number} du {opened}, {state} : {SAME_PATIENT[one.same]}."


def proposals(session: Session, request: RequestView, found: Proposals, now: datetime) -> dict[str, Any]:
    """Return what the page of proposals shows; without any, why and whom to call."""
    labels = {one.code: one.label for one in directory.list_professions(session)}
    places, told = _places(session, found, now), _told_already(found)
    territory = directory.get_territory(session, request.territory_id)
    return {
        "proposals": [_card(one, labels, places, told, now) for one in found.proposals],
        "why_not": [reason.sentence for reason in found.why_not],
        "advice": [reason.sentence for reason in found.advice.sentences] if found.advice else [],
        "regulation_number": territory.settings.regulation_number,
    }


def _places(session: Session, found: Proposals, now: datetime) -> dict[UUID, str]:
    """Return where each proposed slot is, in full, by slot."""
    first = frozenset(proposal.slots[0].slot_id for proposal in found.proposals)
    if not first:
        return {}
    slots = agenda.list_slots(session, SlotFilter(slot_ids=first), now=now).items
    sites = {site_id: directory.get_site(session, site_id) for site_id in {slot.site_id for slot in slots}}
    return {slot.id: place_of(sites[slot.site_id], slot.mode) for slot in slots}


def place_of(site: SiteView, mode: Mode) -> str:
    """Return where a patient goes, on one line."""
    if mode is not Mode.AMB:
        return wording.capital(_MODES[mode])
    return f"{site.name}, {site.address}, {site.postal_code} {site.city}"


def _why(proposal: ProposalView, told: frozenset[str]) -> tuple[str, ...]:
    """Return what sets a proposal apart, in few words; what is true of all of them sets none apart."""
    return tuple(
        _SHORT.get(reason.code, reason.sentence.rstrip("."))
        for reason in proposal.why
        if reason.code not in told
    )


def _told_already(found: Proposals) -> frozenset[str]:
    """Return the reasons that the card says otherwise, or that every one of several proposals shares."""
    shared = [{reason.code for reason in one.why} for one in found.proposals]
    common = frozenset(set.intersection(*shared)) if len(shared) > 1 else frozenset[str]()
    return common | {"wait_and_distance", "sessions", "neighbour_slot"}


def _card(
    proposal: ProposalView,
    labels: dict[str, str],
    places: dict[UUID, str],
    told: frozenset[str],
    now: datetime,
) -> ProposalCard:
    assert proposal.id is not None
    first = proposal.slots[0]
    return ProposalCard(
        id=proposal.id,
        when=wording.when(first.start, now),
        practitioner=first.practitioner_name,
        profession=labels.get(first.profession, first.profession),
        place=places.get(first.slot_id, first.site_name),
        sessions=tuple(f"Puis {say_relative(one.start, now)}" for one in proposal.slots[1:]),
        wait=wording.wait(proposal.wait_minutes),
        distance=say_distance(proposal.km),
        why=_why(proposal, told),
        best=proposal.rank == 1,
        lender=next((one.sentence for one in proposal.why if one.code == "neighbour_slot"), ""),
    )


def bundle_of(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> UUID | None:
    """Return the bundle of a request's last hold, from its story."""
    for move in reversed(intake.story(session, request_id, by=by, now=now)):
        if move.move is Move.HOLD:
            return UUID(move.data["bundle_id"])
    return None


def held(session: Session, request: RequestView, *, by: Actor, now: datetime) -> dict[str, Any] | None:
    """Return what the page of confirmation shows; None when the hold has run out."""
    bundle_id = bundle_of(session, request.id, by=by, now=now)
    if bundle_id is None:
        return None
    try:
        bundle = appointments.get_hold(session, bundle_id, now=now)
    except (HoldEnded, HoldExpired, HoldNotFound):
        return None
    if bundle.expires_at <= now:
        return None
    return {
        "bundle_id": bundle_id,
        "slots": [
            _held_card(session, one.slot_id, now) for one in bundle.slots if one.request_id == request.id
        ],
        "until": say_time(bundle.expires_at),
        "seconds": int((bundle.expires_at - now).total_seconds()),
    }


def _held_card(session: Session, slot_id: UUID, now: datetime) -> HeldCard:
    slot = agenda.get_slot(session, slot_id, now=now)
    carer = directory.get_practitioner(session, slot.practitioner_id, now=now)
    profession = directory.get_profession(session, slot.profession)
    site = directory.get_site(session, slot.site_id)
    return HeldCard(
        when=wording.when(slot.start, now),
        practitioner=carer.full_name,
        profession=profession.label,
        place=place_of(site, slot.mode),
    )


_ENDINGS: Final = {
    RequestState.UNSERVED: "Aucun créneau n’a pu être trouvé dans le délai : faites rappeler la régulation.",
    RequestState.CANCELLED: "Ce dossier a été annulé.",
    RequestState.CLOSED: "Ce dossier est clos.",
    RequestState.ORIENTED: "Le patient a été orienté ailleurs : aucun créneau n’est à prendre.",
}
_ORIENTED: Final = {
    Disposition.BACK_TO_MT: "Le médecin traitant voit le patient",
    Disposition.KEEP_APPOINTMENT: "Le patient garde son rendez-vous",
    Disposition.CALL_15: "Appelez le 15",
    Disposition.PDSA: "La permanence des soins prend le relais",
}


def ended(request: RequestView, story: Sequence[MoveView]) -> dict[str, Any]:
    """Return what the page of a dossier without any next step shows."""
    heading = _ORIENTED.get(request.disposition) if request.disposition else None
    return {
        "heading": heading or f"Dossier {STATE_LABELS[request.state]}",
        "sentence": _ENDINGS.get(request.state, "Ce dossier est entre les mains de la régulation."),
        "reasons": [reason.sentence for reason in story[-1].reasons] if story else [],
    }
