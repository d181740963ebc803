"""Sign-in by another's word: whose account it is, what opens it, and how it ends. Never commits.

An account is found by what the provider says, and bound to its subject the first time; never again once its
owner detached it (`linking`). Nobody is given an account by it, but a practitioner of the directory whose
RPPS it names, where the settings let it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from api.security import factor_rows as rows
from api.security import regulator_rows, repository, tokens
from api.security.errors import LogoutRefused
from api.security.facts import Browser, FactorDue, SignedIn, SignInFault, SignInRefused, SsoProof
from api.security.id_tokens import LEEWAY_SECONDS
from api.security.provider_claims import named, national_rpps
from api.security.sessions import factor_due, open_session
from api.security.tables import Account, FederatedIdentity
from snp.directory import service as directory
from snp.directory.facts import PractitionerView
from snp.platform.actors import Role
from snp.platform.events import Event
from snp.platform.logs import log
from snp.platform.sign_in_settings import FoundBy, SignInProvider

_UNKNOWN: Final = (
    "{label} vous a reconnu, mais aucun compte n’est ouvert à votre nom ici. "
    "Demandez-en un au coordinateur de votre CPTS."
)
_CLOSED: Final = "Votre compte est fermé. Adressez-vous au coordinateur de votre CPTS."
_TAKEN: Final = (
    "Le compte que {label} désigne est déjà lié à une autre personne. "
    "Adressez-vous au coordinateur de votre CPTS."
)
_DETACHED: Final = (
    "Vous avez détaché {label} de votre compte. Connectez-vous autrement, puis rattachez-le dans "
    "« Mon compte »."
)


def sign_in_by_provider(
    session: Session,
    provider: SignInProvider,
    claims: Mapping[str, Any],
    *,
    browser: Browser,
    factor_roles: Collection[Role],
    now: datetime,
) -> SignedIn | FactorDue | SignInRefused:
    """Open the session of who a provider says came back, or ask for what it did not prove.

    `claims` are proven. `browser.sso` says who that is there.
    """
    proof = browser.sso
    assert proof is not None
    account = _found(session, provider, claims, proof, now=now)
    if isinstance(account, SignInRefused):
        return account
    if not account.active:
        return SignInRefused(SignInFault.INACTIVE, _CLOSED)
    if not provider.is_second_factor and (due := factor_due(session, account, factor_roles, proof)):
        return due
    return open_session(session, account, browser=browser, now=now)


def end_by_provider(session: Session, claims: Mapping[str, Any], *, now: datetime) -> int:
    """End the sessions that a proven order names; return how many. Raises `LogoutRefused` when sent again.

    Source: OpenID Connect Back-Channel Logout 1.0 §2.7.
    """
    named_by = f"{claims['iss']} {claims['jti']}"
    until = datetime.fromtimestamp(int(claims["exp"]), UTC) + timedelta(seconds=LEEWAY_SECONDS)
    if not rows.remember_logout(session, tokens.digest(named_by), until):
        raise LogoutRefused("replayed")
    ended = rows.end_delegated_sessions(
        session, issuer=claims["iss"], subject=claims.get("sub"), sid=claims.get("sid"), now=now
    )
    log(Event.SESSIONS_ENDED, kind="provider", count=ended)
    return ended


def prune_logouts(session: Session, *, before: datetime) -> int:
    """Forget the orders that nobody could send again; return how many."""
    return rows.forget_old_logouts(session, before)


def _found(
    session: Session, provider: SignInProvider, claims: Mapping[str, Any], proof: SsoProof, *, now: datetime
) -> Account | SignInRefused:
    """Return the account of a subject: the one bound to it, or the one that its claim names."""
    unknown = SignInRefused(SignInFault.UNKNOWN, _UNKNOWN.format(label=provider.label))
    bound = rows.identity_of(session, proof.issuer, proof.subject)
    if bound is not None:
        return repository.account_by_id(session, bound.account_id, lock=True)
    match provider.found_by:
        case FoundBy.RPPS:
            account = _by_rpps(session, provider, claims, now=now)
        case FoundBy.LOGIN:
            login = named(claims, provider.claims)
            account = repository.account_by_login(session, login.lower(), lock=True) if login else None
    if account is None or regulator_rows.is_regulator(session, account.id):
        return unknown
    if rows.is_detached(session, account.id, proof.issuer):
        return SignInRefused(SignInFault.DETACHED, _DETACHED.format(label=provider.label))
    if not _bind(session, account, proof, may_move=provider.found_by is FoundBy.RPPS, now=now):
        return SignInRefused(SignInFault.TAKEN, _TAKEN.format(label=provider.label))
    return account


def _by_rpps(
    session: Session, provider: SignInProvider, claims: Mapping[str, Any], *, now: datetime
) -> Account | None:
    rpps = national_rpps(claims, provider.claims)
    person = directory.find_practitioner(session, rpps=rpps, now=now) if rpps else None
    if person is None or not person.active:
        return None
    account = rows.practitioners_account(session, person.id)
    if account is None and provider.opens_practitioners:
        return _opened(session, person, now=now)
    return account


def _opened(session: Session, person: PractitionerView, *, now: datetime) -> Account:
    """Give a practitioner his account: no password, so that only the provider's word opens it."""
    account = Account(
        login=f"rpps-{person.rpps}",
        display_name=person.full_name,
        role=Role.PRACTITIONER,
        practitioner_id=person.id,
        territory_ids=sorted(person.territory_ids),
        created_at=now,
    )
    repository.add_account(session, account)
    return account


def _bind(session: Session, account: Account, proof: SsoProof, *, may_move: bool, now: datetime) -> bool:
    """Bind an account to a subject; tell whether it may be his.

    A login may be given to somebody else at the provider: it never moves to another subject. An RPPS is one
    person's for life, so that a new subject of the same number takes its account over.
    """
    held = rows.identity_at(session, account.id, proof.issuer)
    if held is not None and not may_move:
        return False
    if held is not None:
        held.subject, held.linked_at = proof.subject, now
        session.flush()
    else:
        made = FederatedIdentity(
            account_id=account.id, issuer=proof.issuer, subject=proof.subject, linked_at=now
        )
        rows.add(session, made)
    log(Event.IDENTITY_LINKED, account_id=account.id)
    return True
