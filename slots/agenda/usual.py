"""On what terms a practitioner usually offers slots: what a form or a proposal starts from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from slots.agenda.facts import Offer, SlotView
from snp.assignment.facts import Audience, Mode
from snp.directory.facts import PractitionerView

USUAL_AUDIENCES: Final = frozenset({Audience.REGULATION, Audience.DESK})


def usual_offer(
    practitioner: PractitionerView, site_ids: Sequence[UUID], seen: Sequence[SlotView], *, slot_minutes: int
) -> Offer:
    """Return the terms of his last slot; for who has none, those of his first place, for all his CPTS.

    `site_ids`: his open places, at least one. `seen`: his last slots by start. `slot_minutes`: of his
    profession, unless he prefers another length.
    """
    preferences, last = practitioner.preferences, seen[-1] if seen else None
    members = frozenset(practitioner.territory_ids)
    kept = last.territory_ids & members if last else frozenset()
    return Offer(
        site_id=last.site_id if last and last.site_id in site_ids else site_ids[0],
        mode=last.mode if last else Mode.AMB,
        audiences=last.audiences if last else USUAL_AUDIENCES,
        territory_ids=kept or members,
        slot_minutes=preferences.default_slot_minutes or slot_minutes,
        buffer_minutes=preferences.buffer_minutes,
    )
