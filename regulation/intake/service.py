"""The use cases of a request, from first word to decision. What a slot is, this package does not know:
`regulation.orientation.service` stops and cancels requests, as it must free what they hold.

Every function checks that the actor may see the request (`regulation.intake.rules.may_see`), audits every
touch of an identity, and writes one move. `version` is the `If-Match` of the reader; None skips the check.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake.facts import (
    ConfidentialPart,
    Correction,
    Decision,
    Disposition,
    Duplicate,
    MoveView,
    MtAnswers,
    Opening,
    PatientTraits,
    RequestFilter,
    RequestView,
    StepResult,
    Urgency,
)
from snp.directory.facts import Page
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def open_request(session: Session, opening: Opening, *, keys: Keys, by: Actor, now: datetime) -> StepResult:
    """Open a request; tells the same patient's open or recent ones, and the PDSA outside SNP hours."""
    raise NotImplementedError


def check_mt(
    session: Session,
    request_id: UUID,
    answers: MtAnswers,
    *,
    urgency: Urgency | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Answer the médecin traitant question: call him first, keep an appointment, or go on."""
    raise NotImplementedError


def resume(
    session: Session, request_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> StepResult:
    """Take up a request that waited for the médecin traitant; the question is asked again."""
    raise NotImplementedError


def estimate_delay(
    session: Session,
    request_id: UUID,
    delay_h: int,
    *,
    urgency: Urgency | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Record within how many hours the OSNP thinks that care must be given."""
    raise NotImplementedError


def decide(
    session: Session,
    request_id: UUID,
    decision: Decision,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Record the régulateur's decision: only an SNP consultation (R3) goes on to seek a slot."""
    raise NotImplementedError


def orient(
    session: Session,
    request_id: UUID,
    disposition: Disposition,
    reason: Reason,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Send a request elsewhere without a slot (back to the MT, urgences, PDSA…)."""
    raise NotImplementedError


def correct(
    session: Session,
    request_id: UUID,
    correction: Correction,
    *,
    keys: Keys,
    why: str,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Correct what was typed on a live request."""
    raise NotImplementedError


def get_request(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> RequestView:
    """One request, without identity. Raises `NotFound` when the actor may not see it."""
    raise NotImplementedError


def list_requests(
    session: Session,
    wanted: RequestFilter,
    *,
    cursor: str | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,
) -> Page[RequestView]:
    """The requests that the actor may see, in the order asked, without identity."""
    raise NotImplementedError


def read_confidential(
    session: Session, request_id: UUID, *, keys: Keys, why: str, by: Actor, now: datetime
) -> ConfidentialPart:
    """Open the identity, the caller and the note of a request; audited with `why`."""
    raise NotImplementedError


def read_identities(
    session: Session, request_ids: tuple[UUID, ...], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, PatientTraits]:
    """Open the identities of several requests (a queue, a day's list); one audit line each."""
    raise NotImplementedError


def find_duplicates(
    session: Session,
    territory_id: UUID,
    patient: PatientTraits,
    *,
    reason: str | None = None,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> tuple[Duplicate, ...]:
    """The open or recent requests of what looks like the same patient in a territory; audited."""
    raise NotImplementedError


def story(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> tuple[MoveView, ...]:
    """Every move of a request, oldest first."""
    raise NotImplementedError


def reseal_identities(
    session: Session, *, after: UUID | None = None, limit: int = 500, keys: Keys, by: Actor, now: datetime
) -> UUID | None:
    """Bring a batch of patients, callers and notes under the current keys; the last id done, None at the end."""
    raise NotImplementedError
