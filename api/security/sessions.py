"""Page sessions: sign in, resume, rotate, choose whose agenda, sign out. Never commits.

A refused sign-in is a value: the count of failures must survive the answer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.security import passwords, repository, rules, second_factor, tokens, try_rows
from api.security.accounts import view_of
from api.security.actors import actor_of_account
from api.security.facts import Browser, FactorDue, SignedIn, SignInFault, SignInRefused, SsoProof
from api.security.second_factor import RecoveryCodes
from api.security.tables import Account, PageSession
from snp.errors import NotFound
from snp.platform.actors import Role
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

_LOGIN = "login"
_WRONG = "Identifiant ou mot de passe incorrect."
_CODE = "Ce code n’est pas le bon, ou il a déjà servi : tapez celui que l’application montre maintenant."
STALE = "Cette étape n’est plus valable : recommencez la connexion."
_INACTIVE = "Ce compte est fermé. Adressez-vous au coordinateur de votre CPTS."
_LOCKED = "Trop d’essais : réessayez dans {minutes} min."


def sign_in(
    session: Session,
    login: str,
    password: str,
    *,
    now: datetime,
    browser: Browser,
    keys: Keys,
    factor_roles: Collection[Role] = (),
) -> SignedIn | FactorDue | SignInRefused:
    """Verify a password and open a session, or ask for the second factor. Commit a refusal too: it counts.

    A closed account is told so only to who knows its password. A login that nobody has is answered like one
    that somebody has, its door closes like his. Failures are forgotten by the whole proof only, so that a
    known password does not give endless tries at a code.
    """
    spelled = login.strip().lower()
    account = repository.account_by_login(session, spelled, lock=True)
    if account is None:
        return _unknown(session, keys.hasher().digest(_LOGIN, spelled), password, now=now)
    if account.locked_until is not None and account.locked_until > now:
        return _locked(account.locked_until, now)
    right, renewed = passwords.verify_password(password, account.password_hash)
    if not right:
        return _failed(account, now, SignInRefused(SignInFault.WRONG, _WRONG))
    if not account.active:
        return SignInRefused(SignInFault.INACTIVE, _INACTIVE)
    account.password_hash = renewed or account.password_hash
    due = factor_due(session, account, factor_roles)
    return due or open_session(session, account, browser=browser, now=now)


def sign_in_with_code(
    session: Session, due: FactorDue, typed: str, *, keys: Keys, at: datetime, now: datetime, browser: Browser
) -> SignedIn | SignInRefused:
    """Verify the second factor of who proved the first, and open his session. Commit a refusal too.

    `at` is the time that telephones tell.
    """
    account = standing(session, due, now=now)
    if isinstance(account, SignInRefused):
        return account
    if not second_factor.proves(session, account, typed, keys=keys, at=at, now=now):
        return _failed(account, now, SignInRefused(SignInFault.CODE, _CODE))
    return open_session(session, account, browser=browser, now=now)


def enrol_and_sign_in(
    session: Session,
    due: FactorDue,
    secret: str,
    typed: str,
    *,
    keys: Keys,
    at: datetime,
    now: datetime,
    browser: Browser,
) -> tuple[SignedIn, RecoveryCodes] | SignInRefused:
    """Set up the second factor that a role must have, at the first sign-in, and open the session."""
    account = standing(session, due, now=now)
    if isinstance(account, SignInRefused):
        return account
    if second_factor.find_factor(session, account.id) is not None:
        return SignInRefused(SignInFault.STALE, STALE)
    codes = second_factor.enrol(session, account.id, secret, typed, keys=keys, at=at, now=now)
    if codes is None:
        return _failed(account, now, SignInRefused(SignInFault.CODE, _CODE))
    return open_session(session, account, browser=browser, now=now), codes


def standing(session: Session, due: FactorDue, *, now: datetime) -> Account | SignInRefused:
    """Return the account of a first proof, locked, while that proof still holds."""
    account = repository.account_by_id(session, due.account_id, lock=True)
    if account.locked_until is not None and account.locked_until > now:
        return _locked(account.locked_until, now)
    if not account.active or account.version != due.version:
        return SignInRefused(SignInFault.STALE, STALE)
    return account


def factor_due(
    session: Session, account: Account, factor_roles: Collection[Role], sso: SsoProof | None = None
) -> FactorDue | None:
    """Return what is still to be proved of an account: he has a second factor, or his role must have one."""
    enrolled = second_factor.find_factor(session, account.id) is not None
    if not enrolled and account.role not in factor_roles:
        return None
    return FactorDue(account.id, account.login, account.version, enrolled, sso)


def open_session(session: Session, account: Account, *, browser: Browser, now: datetime) -> SignedIn:
    """Open a session under a fresh token for an account that was proved, and forget its failures."""
    account.failed_sign_ins, account.locked_until = 0, None
    token = tokens.new_token()
    page_session = PageSession(
        token_hash=tokens.digest(token),
        account_id=account.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + browser.lifetime,
        idle_minutes=int(browser.idle.total_seconds()) // 60 if browser.idle else None,
        browser=browser.family,
        sso_issuer=browser.sso.issuer if browser.sso else None,
        sso_subject=browser.sso.subject if browser.sso else None,
        sso_sid=browser.sso.sid if browser.sso else None,
    )
    repository.add_session(session, page_session)
    log(Event.SIGN_IN_ACCEPTED, account_id=account.id, kind="provider" if browser.sso else "password")
    return _signed_in(session, token, page_session, account, now=now)


def resume(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Return the open session of a cookie's token; None when it is over or its account closed."""
    found = repository.running_session(session, tokens.digest(token), now)
    if found is None:
        return None
    page_session, account = found
    repository.touch_session(session, page_session.id, now)
    return _signed_in(session, token, page_session, account, now=now)


def rotate(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Give an open session a fresh token; the old one stops at once."""
    found = repository.running_session(session, tokens.digest(token), now)
    if found is None:
        return None
    page_session, account = found
    return _renewed(session, page_session, account, now=now)


def act_for(session: Session, token: str, practitioner_id: UUID, *, now: datetime) -> SignedIn:
    """Let a delegate choose whose agenda he acts on, under a fresh token: his rights are others from now on.

    Raises `NotFound` without a running delegation.
    """
    found = repository.running_session(session, tokens.digest(token), now)
    if found is None:
        raise NotFound("session")
    page_session, account = found
    delegations = repository.running_delegations(session, account_id=account.id)
    if practitioner_id not in {delegation.practitioner_id for delegation in delegations}:
        raise NotFound("délégation", practitioner_id)
    page_session.practitioner_id = practitioner_id
    return _renewed(session, page_session, account, now=now)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a page session; an unknown token is no fault."""
    repository.end_sessions(session, now=now, token_hash=tokens.digest(token))


def prune_sessions(session: Session, *, before: datetime) -> int:
    """Forget the page sessions that were over before an instant; return how many."""
    return repository.delete_dead_sessions(session, before)


def _unknown(session: Session, name: bytes, password: str, *, now: datetime) -> SignInRefused:
    """Refuse a login that nobody has, with the work and the words of a wrong password."""
    remembered = try_rows.unknown_login(session, name, now)
    if remembered.locked_until is not None and remembered.locked_until > now:
        return _locked(remembered.locked_until, now)
    passwords.verify_password(password, None)
    remembered.failures, remembered.last_at = remembered.failures + 1, now
    remembered.locked_until = rules.lock_after(remembered.failures, now)
    if remembered.locked_until is not None:
        return _locked(remembered.locked_until, now)
    return SignInRefused(SignInFault.WRONG, _WRONG)


def _failed(account: Account, now: datetime, refusal: SignInRefused) -> SignInRefused:
    until = second_factor.count_failure(account, now)
    return refusal if until is None else _locked(until, now)


def _locked(until: datetime, now: datetime) -> SignInRefused:
    minutes = -(-int((until - now).total_seconds()) // 60)
    return SignInRefused(SignInFault.LOCKED, _LOCKED.format(minutes=max(minutes, 1)), until)


def _renewed(session: Session, page_session: PageSession, account: Account, *, now: datetime) -> SignedIn:
    fresh = tokens.new_token()
    page_session.token_hash = tokens.digest(fresh)
    page_session.last_seen_at = now
    return _signed_in(session, fresh, page_session, account, now=now)


def _signed_in(
    session: Session, token: str, page_session: PageSession, account: Account, *, now: datetime
) -> SignedIn:
    return SignedIn(
        token=token,
        actor=actor_of_account(session, account, page_session.practitioner_id, now=now),
        account=view_of(account),
        expires_at=page_session.expires_at,
    )
