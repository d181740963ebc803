"""The médecin traitant list of the demonstration: who waits, what practices answered, places, picks.

Played through the services at the instants when it would have happened; a seed gives the same list.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.demo import invented
from api.demo.cast import RETZ
from api.demo.facts import Stage
from api.demo.playing import IDENT
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import (
    Circumstances,
    Consent,
    EntryView,
    PickOutcome,
    PlaceTerms,
    PracticeAnswer,
    PracticeCall,
    RefusalReason,
    SignUp,
)
from regulation.medecin_traitant.register.refusals import AlreadyOnTheList
from regulation.medecin_traitant.register.rules import CONSENT_VERSION
from snp.days import local_day
from snp.directory import service as directory
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys

_DAY: Final = timedelta(days=1)
_WAITING: Final = {RETZ: 26}
_OTHERS: Final = 11
_PLACES: Final = {RETZ: (("carer-301", 4), ("carer-302", 2))}
_REFUSALS: Final = (
    RefusalReason.FULL,
    RefusalReason.FULL,
    RefusalReason.FULL,
    RefusalReason.OUT_OF_AREA,
    RefusalReason.RETIRING,
    RefusalReason.NO_REASON,
)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every act of the list needs."""

    session: Session
    keys: Keys
    territory_id: UUID
    now: datetime

    def actor(self, role: Role, **more: UUID) -> Actor:
        """Return who acts in this territory."""
        return Actor(ident=IDENT, role=role, territories=frozenset({self.territory_id}), **more)  # type: ignore[arg-type]


def play_mt_list(session: Session, stage: Stage, *, keys: Keys, now: datetime, seed: int) -> None:
    """Fill the lists of the two territories, and let a doctor of Retz pick from his."""
    for slug, territory_id in stage.territories.items():
        scene = _Scene(session, keys, territory_id, now)
        rng = random.Random(f"{seed}:mt:{slug}")  # noqa: S311 - invented people, no secret
        communes = [one.insee for one in directory.communes_of(session, territory_id)]
        entries = [_sign_up(scene, stage, rng, communes, slug) for _ in range(_WAITING.get(slug, _OTHERS))]
        _ask_practices(scene, rng, [one for one in entries if one is not None])
        for carer, places in _PLACES.get(slug, ()):
            _take(scene, scene.actor(Role.PRACTITIONER, practitioner=stage.carers[carer]), places)


def _sign_up(
    scene: _Scene, stage: Stage, rng: random.Random, communes: Sequence[str], slug: str
) -> EntryView | None:
    """Put somebody on the list, most by the regulation, some at a pharmacy."""
    at = scene.now - rng.randint(1, 400) * _DAY / 2
    told = Circumstances(
        ald=rng.random() < 0.25,
        discharged_on=local_day(at) - 10 * _DAY if rng.random() < 0.1 else None,
        housebound=rng.random() < 0.1,
    )
    typed = SignUp(
        territory_id=scene.territory_id,
        patient=invented.patient(rng, rng.choice(communes), local_day(at)),
        consent=Consent(CONSENT_VERSION),
        circumstances=told,
    )
    at_pharmacy = slug == RETZ and rng.random() < 0.3
    by = (
        scene.actor(Role.PHARMACY, organisation=stage.organisations["pharmacy-1"])
        if at_pharmacy
        else scene.actor(Role.OSNP)
    )
    try:
        return register.add_entry(scene.session, typed, keys=scene.keys, by=by, now=at)
    except AlreadyOnTheList:  # two draws of one invented person
        return None


def _ask_practices(scene: _Scene, rng: random.Random, entries: Sequence[EntryView]) -> None:
    by = scene.actor(Role.OSNP)
    for entry in entries:
        for _ in range(rng.choice((0, 0, 1, 2))):
            refused = rng.random() < 0.8
            call = PracticeCall(
                answer=PracticeAnswer.REFUSED if refused else PracticeAnswer.NO_ANSWER,
                practice=f"Cabinet {rng.choice(('du Port', 'des Pins', 'de la Gare', 'du Bourg'))}",
                reason=rng.choice(_REFUSALS) if refused else None,
                next_call_on=local_day(scene.now) + rng.randint(0, 20) * _DAY if rng.random() < 0.3 else None,
            )
            at = scene.now - rng.randint(1, 40) * _DAY / 8
            register.record_call(scene.session, entry.id, call, keys=scene.keys, by=by, now=at)


def _take(scene: _Scene, doctor: Actor, places: int) -> None:
    """A doctor declares places; some of his picks are signed, one falls through, one is still to call."""
    at = scene.now - 6 * _DAY
    terms = PlaceTerms(places=places + 3, valid_until=local_day(scene.now) + 60 * _DAY)
    declared = register.declare_places(scene.session, scene.territory_id, terms, by=doctor, now=at)
    cards = register.list_cards(scene.session, declared.id, limit=places, by=doctor, now=at).items
    for position, card in enumerate(cards):
        picked = scene.now - (4 * _DAY if position < len(cards) - 1 else _DAY)
        one = register.pick(scene.session, declared.id, card.entry_id, by=doctor, now=picked)
        later = picked + _DAY
        if position == 0:
            register.record_called(scene.session, one.id, by=doctor, now=later)
            register.record_signed(scene.session, one.id, by=doctor, now=later + _DAY)
        elif position == 1 and position < len(cards) - 1:
            register.give_back(scene.session, one.id, PickOutcome.UNREACHABLE, by=doctor, now=later)
        elif position < len(cards) - 1:
            register.record_called(scene.session, one.id, by=doctor, now=later)
