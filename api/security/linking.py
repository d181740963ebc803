"""Attaching a provider's identity to one's own account, and detaching it. Never commits.

Nobody attaches for somebody else: the caller proved the account (`prove_owner`) and the identity, in one
session. What was detached stays so: no claim of the provider binds it again, its owner alone does.
Source: OpenID Connect Core 1.0 §5.7 (issuer and subject); RFC 9700 §4.7 (the answer belongs to who asked).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.security import factor_rows as rows
from api.security import regulator_rows, repository, tokens
from api.security.account_letters import Told, queue_told
from api.security.facts import IdentityView, LinkFault, SsoProof
from api.security.provider_claims import national_rpps
from api.security.tables import Account, DetachedProvider
from snp.directory import service as directory
from snp.errors import Forbidden, NotFound
from snp.platform import audit
from snp.platform.actors import Actor, Role
from snp.platform.audit import AuditAction
from snp.platform.events import Event
from snp.platform.logs import log
from snp.platform.sign_in_settings import FoundBy, SignInProvider

ATTACHED: Final = "moyen de connexion rattaché par le titulaire"
DETACHED: Final = "moyen de connexion détaché par le titulaire"


def list_identities(session: Session, account_id: UUID) -> tuple[IdentityView, ...]:
    """Return which providers' identities open an account, the oldest first."""
    return tuple(
        IdentityView(one.id, one.issuer, one.linked_at) for one in rows.identities_of(session, account_id)
    )


def attach_identity(
    session: Session,
    account_id: UUID,
    provider: SignInProvider,
    claims: Mapping[str, Any],
    proof: SsoProof,
    *,
    by: Actor,
    now: datetime,
) -> LinkFault | None:
    """Bind the identity that `claims` prove to an account; return why not. Attached twice is attached once.

    A provider that proves a professional's number is bound to no other professional's account. Raises
    `Forbidden` for an account that the national platform manages.
    """
    account = repository.account_by_id(session, account_id, lock=True)
    if regulator_rows.is_regulator(session, account_id):
        raise Forbidden("the platform manages this account")
    bound = rows.identity_of(session, proof.issuer, proof.subject)
    if bound is not None:
        return None if bound.account_id == account_id else LinkFault.TAKEN
    if rows.identity_at(session, account_id, proof.issuer) is not None:
        return LinkFault.HELD
    if provider.found_by is FoundBy.RPPS and not _is_himself(session, account, provider, claims, now):
        return LinkFault.OTHER_PERSON
    if not rows.insert_identity(session, account_id, proof.issuer, proof.subject, now):
        return LinkFault.TAKEN
    rows.forget_detached(session, account_id, proof.issuer)
    _tell(session, account, provider.issuer, attached=True, by=by, now=now)
    return None


def detach_identity(
    session: Session,
    account_id: UUID,
    identity_id: UUID,
    *,
    issuers: Collection[str],
    token: str,
    by: Actor,
    now: datetime,
) -> LinkFault | None:
    """Detach an identity and end the sessions that it opened elsewhere; return why not.

    `issuers`: the providers of the settings, whose word opens a session. The last way to sign in stays.
    Raises `NotFound` for an identity that is not this account's.
    """
    account = repository.account_by_id(session, account_id, lock=True)
    held = rows.identities_of(session, account_id)
    found = next((one for one in held if one.id == identity_id), None)
    if found is None:
        raise NotFound("moyen de connexion", identity_id)
    others = [one for one in held if one.id != identity_id and one.issuer in issuers]
    if account.password_hash is None and not others:
        return LinkFault.LAST
    issuer = found.issuer
    rows.delete(session, found)
    rows.add(session, DetachedProvider(account_id=account_id, issuer=issuer, detached_at=now))
    rows.end_sessions_by(session, account_id, issuer=issuer, kept=tokens.digest(token), now=now)
    _tell(session, account, issuer, attached=False, by=by, now=now)
    return None


def _is_himself(
    session: Session, account: Account, provider: SignInProvider, claims: Mapping[str, Any], now: datetime
) -> bool:
    """Tell whether a professional's number may be this account's owner's."""
    rpps = national_rpps(claims, provider.claims)
    if account.role is not Role.PRACTITIONER or account.practitioner_id is None:
        return True
    if rpps is None:
        return False
    named = directory.find_practitioner(session, rpps=rpps, now=now)
    own = directory.get_practitioner(session, account.practitioner_id, now=now)
    return own.rpps == rpps if named is None else named.id == own.id


def _tell(
    session: Session, account: Account, issuer: str, *, attached: bool, by: Actor, now: datetime
) -> None:
    """Write it in the journal and the log, and warn the account's owner."""
    audit.record(
        session,
        at=now,
        actor=by,
        action=AuditAction.CHANGE,
        resource="account",
        resource_id=account.id,
        why=ATTACHED if attached else DETACHED,
    )
    log(Event.IDENTITY_LINKED if attached else Event.IDENTITY_UNLINKED, account_id=account.id)
    queue_told(session, account.id, Told.ATTACHED if attached else Told.DETACHED, issuer=issuer, now=now)
