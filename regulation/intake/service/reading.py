"""Reading requests: views without identity for queues and boards, identities opened and audited."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving, repository, rules, sealing, search
from regulation.intake.facts import (
    ConfidentialPart,
    Identity,
    MoveView,
    PatientTraits,
    RequestFilter,
    RequestView,
)
from snp.directory.facts import Page
from snp.errors import Forbidden
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.crypto import TamperedEnvelope, UnknownKey
from snp.platform.keys import Keys


def get_request(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> RequestView:  # noqa: ARG001 - every use case has the same frame
    """One request, without identity. Raises `NotFound` when the actor may not see it."""
    return moving.visible(repository.load(session, [request_id]).get(request_id), by)


def request_of_number(session: Session, number: str, *, by: Actor, now: datetime) -> RequestView:  # noqa: ARG001 - every use case has the same frame
    """A request by the number that people say; raises `NotFound` when the actor may not see it."""
    return moving.visible(repository.by_number(session, number), by)


def list_requests(
    session: Session,
    wanted: RequestFilter,
    *,
    cursor: str | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,  # noqa: ARG001 - every use case has the same frame
) -> Page[RequestView]:
    """The requests that the actor may see, in the order asked, without identity."""
    return search.page(session, wanted, rules.sight_of(by), cursor=cursor, limit=limit)


def read_confidential(
    session: Session, request_id: UUID, *, keys: Keys, why: str, by: Actor, now: datetime
) -> ConfidentialPart:
    """Open the identity, the caller and the note of a request; audited with `why`.

    Raises `NotFound`, and `Forbidden` for roles that never see an identity.
    """
    check_may_open(by)
    get_request(session, request_id, by=by, now=now)
    row = repository.load_sealed(session, [request_id])[request_id]
    cipher = keys.cipher()
    _audit_reading(session, request_id, row.patient_id, why=why, by=by, now=now)
    return ConfidentialPart(
        identity=Identity(
            row.patient_id, sealing.open_identity(cipher, row.patient_id, row.identity, row.insee)
        ),
        caller=sealing.open_caller(cipher, request_id, row.caller),
        note=sealing.open_note(cipher, request_id, row.note),
    )


def read_identities(
    session: Session, request_ids: Sequence[UUID], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, PatientTraits]:
    """Open the identities of several requests (a queue, a day's list); one audit line each.

    Those that the actor may not see are left out.
    """
    check_may_open(by)
    views = repository.load(session, request_ids)
    seen = [ident for ident, view in views.items() if rules.may_see_view(by, view)]
    return open_identities(session, seen, keys=keys, why=why, by=by, now=now)


def open_identities(
    session: Session,
    request_ids: Sequence[UUID],
    *,
    keys: Keys,
    why: str,
    action: audit.AuditAction = audit.AuditAction.READ,
    by: Actor,
    now: datetime,
) -> dict[UUID, PatientTraits]:
    """Open identities for a reader whose right to them was checked by the caller; audited as `action`."""
    cipher = keys.cipher()
    opened = {}
    for request_id, row in repository.load_sealed(session, request_ids).items():
        _audit_reading(session, request_id, row.patient_id, why=why, action=action, by=by, now=now)
        opened[request_id] = sealing.open_identity(cipher, row.patient_id, row.identity, row.insee)
    return opened


def try_keys(session: Session, *, keys: Keys) -> tuple[int, int]:
    """Try the keys on the first and the last identity that were sealed: how many opened, of how many.

    What opens is thrown away at once: nobody reads anything, so nothing is audited.
    """
    cipher, opened = keys.cipher(), 0
    rows = repository.first_and_last_sealed(session)
    for row in rows:
        with suppress(UnknownKey, TamperedEnvelope):
            sealing.open_identity(cipher, row.id, row.identity, row.insee)
            opened += 1
    return opened, len(rows)


def story(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> tuple[MoveView, ...]:
    """Every move of a request, oldest first."""
    get_request(session, request_id, by=by, now=now)
    return repository.moves(session, request_id)


def check_may_open(by: Actor) -> None:
    """Refuse the roles that never read who a patient is."""
    if not rules.may_open_identities(by):
        raise Forbidden(f"a {by.role.value} never reads patient identities")


def _audit_reading(
    session: Session,
    request_id: UUID,
    patient_id: UUID,
    *,
    why: str,
    action: audit.AuditAction = audit.AuditAction.READ,
    by: Actor,
    now: datetime,
) -> None:
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        resource="request",
        resource_id=request_id,
        patient_id=patient_id,
        why=why,
    )
