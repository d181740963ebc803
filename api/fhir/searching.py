"""What a search finds: one statement for each kind of resource, whatever the number asked for.

Reads by id go the same ways, so that nothing is read that a search may not show.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.fhir.facts import ALL_VIEWS, INDIVIDUAL_VIEW, Findings
from api.fhir.mapping import shown_cpts, visibility
from api.fhir.slot_query import SlotQuery, SosQuery
from slots.agenda import service as agenda
from slots.agenda.facts import SasSlot, SasView
from snp.directory.facts import CarerCard, PlaceCard
from snp.directory.service import cards


def search_slots(session: Session, query: SlotQuery, *, now: datetime) -> Findings:
    """Return the free slots that a search of the platform may see, with all that they point to."""
    carers = cards.carers_by_number(session, rpps=query.rpps, adeli=query.adeli)
    if not carers:
        return Findings((), by_cpts=query.by_cpts)
    found = agenda.sas_slots(
        session,
        now=now,
        starts_from=query.window.starts_from,
        starts_until=query.window.starts_until,
        views=ALL_VIEWS if query.by_cpts else INDIVIDUAL_VIEW,
        practitioner_ids=[carer.id for carer in carers],
    )
    return _completed(session, found, carers, by_cpts=query.by_cpts)


def search_sos_slots(
    session: Session, query: SosQuery, *, now: datetime
) -> tuple[list[SasSlot], dict[UUID, PlaceCard]]:
    """Return the free slots at the places of associations, of practitioners who consent; and the places."""
    places = {place.site_id: place for place in cards.sos_places(session, query.sirets)}
    if not places:
        return [], {}
    found = agenda.sas_slots(
        session,
        now=now,
        starts_from=query.window.starts_from,
        starts_until=query.window.starts_until,
        views=INDIVIDUAL_VIEW,
        site_ids=sorted(places),
    )
    consenting = {card.id for card in cards.carers_by_id(session, {s.terms.practitioner_id for s in found})}
    return [each for each in found if each.terms.practitioner_id in consenting], places


def read_slot(session: Session, slot_id: UUID, *, now: datetime) -> Findings | None:
    """Return one slot that the platform may see; as a member's of a CPTS only when it has no other view."""
    slot = agenda.sas_slot(session, slot_id, now=now)
    if slot is None:
        return None
    carers = cards.carers_by_id(session, [slot.terms.practitioner_id])
    by_cpts = SasView.INDIVIDUAL not in slot.terms.sas
    found = _completed(session, [slot], carers, by_cpts=by_cpts) if carers else None
    return found if found and found.slots else None


def _completed(
    session: Session, found: Sequence[SasSlot], carers: Collection[CarerCard], *, by_cpts: bool
) -> Findings:
    """Return the slots with their places and CPTS; a slot that can be shown to nobody is left out."""
    if not found:
        return Findings((), by_cpts=by_cpts)
    terms = {id(each.terms): each.terms for each in found}.values()
    findings = Findings(found, {carer.id: carer for carer in carers}, by_cpts=by_cpts)
    if by_cpts:
        named = {ident for each in terms if SasView.CPTS in each.sas for ident in each.territory_ids}
        known = cards.cpts(session, sorted(named)) if named else []
        findings = replace(findings, cpts={card.territory_id: card for card in known})
        shown = {id(each) for each in terms if visibility(each, by_cpts=bool(shown_cpts(each, findings)))}
        findings = replace(findings, slots=[each for each in found if id(each.terms) in shown])
    practitioner_ids = {each.terms.practitioner_id for each in findings.slots}
    site_ids = {each.terms.site_id for each in findings.slots}
    places = cards.places(session, sorted(site_ids), sorted(practitioner_ids)) if site_ids else []
    return replace(
        findings,
        carers={ident: card for ident, card in findings.carers.items() if ident in practitioner_ids},
        places={place.site_id: place for place in places},
    )
