"""What a territory and its physiotherapists set.

Templates with days between sessions, and their own terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.series import keeping, repository
from regulation.series.direct_access import TRIAL_FROM, TRIAL_UNTIL
from regulation.series.facts import PHYSIO, PhysioTerms, Section, Template
from regulation.series.rules import check_spacing, checked_sections
from regulation.series.templates import shipped
from snp.errors import InvalidValue, NotFound, VersionMismatch
from snp.platform.actors import Actor, Role

REVISIONS_SHOWN: Final = 20


def list_templates(session: Session, territory_id: UUID, *, by: Actor) -> tuple[Template, ...]:
    """What a territory does for each indication, in the order of the list. Raises `NotFound` out of reach."""
    _check_reach(by, territory_id)
    own = repository.templates(session, territory_id)
    return tuple(
        keeping.named(own[plain.indication]) if plain.indication in own else plain
        for plain in shipped().values()
    )


def get_template(session: Session, territory_id: UUID, indication: str, *, by: Actor) -> Template:
    """What a territory does for one indication. Raises `NotFound`."""
    _check_reach(by, territory_id)
    found = keeping.template_of(session, territory_id, indication)
    if found is None:
        raise NotFound("indication", indication)
    return found


def template_history(
    session: Session, territory_id: UUID, indication: str, *, by: Actor
) -> tuple[Template, ...]:
    """The revisions of a template, newest first, the shipped one last."""
    get_template(session, territory_id, indication, by=by)
    own = repository.template_revisions(session, territory_id, indication, REVISIONS_SHOWN)
    return (*(keeping.named(one) for one in own), shipped()[indication])


def change_template(
    session: Session,
    territory_id: UUID,
    indication: str,
    sections: Sequence[Section],
    *,
    min_gap_days: int | None = None,
    max_gap_days: int | None = None,
    revision: int,
    by: Actor,
    now: datetime,
) -> Template:
    """Write a new revision; days left out stay. `revision`: the one that was read.

    Series and sheets already begun keep what they were begun with. Raises `NotFound`, `InvalidValue`,
    `VersionMismatch`.
    """
    current = get_template(session, territory_id, indication, by=by)
    if current.revision != revision:
        raise VersionMismatch(f"the template is at revision {current.revision}")
    fewest = current.min_gap_days if min_gap_days is None else min_gap_days
    most = current.max_gap_days if max_gap_days is None else max_gap_days
    check_spacing(fewest, most)
    wanted = Template(
        id=None,
        indication=indication,
        label=current.label,
        revision=revision + 1,
        min_gap_days=fewest,
        max_gap_days=most,
        sections=checked_sections(sections),
    )
    repository.insert_template(session, territory_id, wanted, by=by, now=now)
    return get_template(session, territory_id, indication, by=by)


def get_physio_terms(session: Session, *, by: Actor) -> PhysioTerms:
    """What the actor's physiotherapist says of himself. Raises `NotFound` for anybody else."""
    ident = _physio(by)
    return repository.physio_terms(session, [ident]).get(ident, PhysioTerms(ident))


def set_physio_terms(
    session: Session,
    *,
    takes_patients: bool | None,
    direct_access_since: date | None,
    by: Actor,
    now: datetime,
) -> PhysioTerms:
    """Say whether one takes new patients, and since when one is declared to the ARS for direct access.

    Raises `NotFound`, `InvalidValue`.
    """
    ident = _physio(by)
    if direct_access_since is not None and not TRIAL_FROM <= direct_access_since < TRIAL_UNTIL:
        raise InvalidValue(
            "direct_access_since",
            f"entre le {TRIAL_FROM:%d/%m/%Y} et le {TRIAL_UNTIL:%d/%m/%Y} : les dates de l’expérimentation",
        )
    terms = PhysioTerms(ident, takes_patients, direct_access_since)
    repository.set_physio_terms(session, terms, by=by, now=now)
    return get_physio_terms(session, by=by)


def _physio(by: Actor) -> UUID:
    if by.practitioner is None or by.profession != PHYSIO or by.role is not Role.PRACTITIONER:
        raise NotFound("kinésithérapeute")
    return by.practitioner


def _check_reach(by: Actor, territory_id: UUID) -> None:
    everywhere = by.role in {Role.ADMINISTRATOR, Role.SYSTEM} and not by.territories
    carer = by.role in {Role.PRACTITIONER, Role.DELEGATE}
    if not (everywhere or territory_id in by.territories) or (carer and by.profession != PHYSIO):
        raise NotFound("territoire", territory_id)
