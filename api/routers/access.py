"""Accounts, keys and delegations; and who the door takes the reader for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.subjects import of_practitioner
from api.schemas.access import (
    AccountIn,
    AccountOut,
    AccountsOut,
    ActiveIn,
    DelegationIn,
    DelegationOut,
    DelegationsOut,
    IssuedKeyOut,
    KeyIn,
    KeyOut,
    KeysOut,
    NetworksIn,
    PasswordIn,
    RotationIn,
    SelfOut,
)
from api.security import service as security
from api.security.rights import Action, Subject, check_existing, check_new
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(tags=["access"])
AccountAdmin = Annotated[Actor, Depends(Allow(Action.ACCOUNT_ADMIN))]
KeyAdmin = Annotated[Actor, Depends(Allow(Action.KEY_ADMIN))]
DelegationReader = Annotated[Actor, Depends(Allow(Action.DELEGATION_READ))]
DelegationWriter = Annotated[Actor, Depends(Allow(Action.DELEGATION_WRITE))]


@router.get("/me")
def show_self(by: Annotated[Actor, Depends(Allow(Action.SELF))]) -> SelfOut:
    """Return who the door takes you for."""
    return SelfOut(
        ident=by.ident,
        role=by.role,
        territory_ids=sorted(by.territories),
        organisation_id=by.organisation,
        practitioner_id=by.practitioner,
        profession=by.profession,
        scopes=sorted(by.scopes),
    )


@router.get("/accounts")
def list_accounts(session: SessionDep, by: AccountAdmin) -> AccountsOut:
    """List the accounts that the reader may administer, by login."""
    return AccountsOut(items=[AccountOut.of(view) for view in security.list_accounts(session, by=by)])


@router.post("/accounts", status_code=201, response_model=AccountOut, responses=problem_responses(409))
def create_account(
    session: SessionDep, now: NowDep, by: AccountAdmin, once: OnceDep, body: AccountIn
) -> Response:
    """Create an account; without a password it cannot sign in yet."""

    def create() -> Answer:
        made = security.create_account(session, body.to_facts(), by=by, now=now)
        return Answer(AccountOut.of(made), f"/api/v1/accounts/{made.id}")

    return once(create)


@router.get("/accounts/{account_id}")
def get_account(session: SessionDep, by: AccountAdmin, account_id: UUID) -> AccountOut:
    """Return an account."""
    found = security.get_account(session, account_id)
    subject = Subject("compte", account_id, territories=frozenset(found.territory_ids))
    check_existing(by, Action.ACCOUNT_ADMIN, subject)
    return AccountOut.of(found)


@router.put("/accounts/{account_id}/password", status_code=204)
def set_password(
    session: SessionDep, now: NowDep, by: AccountAdmin, account_id: UUID, body: PasswordIn
) -> None:
    """Give an account a new password, lift its lock and end its sessions."""
    security.set_password(session, account_id, body.password.get_secret_value(), by=by, now=now)


@router.put("/accounts/{account_id}/active", status_code=204)
def set_active(session: SessionDep, now: NowDep, by: AccountAdmin, account_id: UUID, body: ActiveIn) -> None:
    """Open or close an account; closing ends its sessions."""
    security.set_active(session, account_id, body.active, by=by, now=now)


@router.delete("/accounts/{account_id}/second-factor", status_code=204)
def reset_second_factor(session: SessionDep, now: NowDep, by: AccountAdmin, account_id: UUID) -> None:
    """Take away a lost second factor and its recovery codes, and end the account's sessions."""
    security.reset_factor(session, account_id, by=by, now=now)


@router.get("/keys")
def list_keys(session: SessionDep, by: KeyAdmin) -> KeysOut:
    """List the keys that the reader may administer, newest first; never their secrets."""
    return KeysOut(items=[KeyOut.of(view) for view in security.list_keys(session, by=by)])


@router.post("/keys", status_code=201, response_model=IssuedKeyOut)
def create_key(session: SessionDep, now: NowDep, by: KeyAdmin, once: OnceDep, body: KeyIn) -> Response:
    """Make a key; its text is shown this once."""

    def create() -> Answer:
        made = security.create_key(session, body.to_facts(), by=by, now=now)
        log(Event.KEY_CREATED, key_id=made.view.id, role=made.view.role)
        return Answer(IssuedKeyOut(text=made.text, key=KeyOut.of(made.view)))

    return once(create)


@router.post(
    "/keys/{key_id}/rotate", status_code=201, response_model=IssuedKeyOut, responses=problem_responses(409)
)
def rotate_key(  # noqa: PLR0917 - a route: called by name
    session: SessionDep, now: NowDep, by: KeyAdmin, once: OnceDep, key_id: UUID, body: RotationIn
) -> Response:
    """Give a key a new secret, shown this once; the present one goes on for `overlap_hours`."""

    def rotate() -> Answer:
        overlap = timedelta(hours=body.overlap_hours)
        made = security.rotate_key(session, key_id, overlap=overlap, by=by, now=now)
        log(Event.KEY_ROTATED, key_id=key_id)
        return Answer(IssuedKeyOut(text=made.text, key=KeyOut.of(made.view)))

    return once(rotate)


@router.put("/keys/{key_id}/networks")
def set_networks(session: SessionDep, by: KeyAdmin, key_id: UUID, body: NetworksIn) -> KeyOut:
    """Say from where a key may be presented."""
    return KeyOut.of(security.set_networks(session, key_id, body.allowed_networks, by=by))


@router.delete("/keys/{key_id}")
def revoke_key(session: SessionDep, now: NowDep, by: KeyAdmin, key_id: UUID) -> KeyOut:
    """Stop a key from now on."""
    log(Event.KEY_REVOKED, key_id=key_id)
    return KeyOut.of(security.revoke_key(session, key_id, by=by, now=now))


@router.get("/delegations")
def list_delegations(
    session: SessionDep, now: NowDep, by: DelegationReader, practitioner_id: Annotated[UUID, Query()]
) -> DelegationsOut:
    """List who may act on a practitioner's agenda."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    check_existing(by, Action.DELEGATION_READ, of_practitioner(practitioner))
    found = security.list_delegations(session, practitioner_id=practitioner_id)
    return DelegationsOut(items=[DelegationOut.of(view) for view in found])


@router.post("/delegations", status_code=201, response_model=DelegationOut)
def grant_delegation(
    session: SessionDep, now: NowDep, by: DelegationWriter, once: OnceDep, body: DelegationIn
) -> Response:
    """Let a delegate's account act on one's agenda."""
    practitioner = directory.get_practitioner(session, body.practitioner_id, now=now)
    check_new(by, Action.DELEGATION_WRITE, of_practitioner(practitioner))

    def grant() -> Answer:
        made = security.grant_delegation(
            session, account_id=body.account_id, practitioner_id=body.practitioner_id, by=by, now=now
        )
        return Answer(DelegationOut.of(made))

    return once(grant)


@router.delete("/delegations/{delegation_id}")
def revoke_delegation(
    session: SessionDep, now: NowDep, by: DelegationWriter, delegation_id: UUID
) -> DelegationOut:
    """Take a delegation back."""
    return DelegationOut.of(security.revoke_delegation(session, delegation_id, by=by, now=now))
