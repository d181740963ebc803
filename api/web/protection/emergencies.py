"""The emergency accesses to dossiers of the delegate's territories, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import NowDep, SessionDep
from api.security import service as security
from api.security.rights import Action, narrowed
from api.web.protection.journal import ROLES
from api.web.protection.visits import ProtectionDep
from api.web.rendering import render
from regulation.emergency import service as emergency
from regulation.emergency.facts import EmergencyAccess
from snp.days import local

router = APIRouter(prefix="/protection/urgences", include_in_schema=False)

ROWS: Final = 30


@dataclass(frozen=True, slots=True)
class Row:
    """An access in words."""

    when: str
    until: str
    who: str
    role: str
    number: str
    reason: str
    running: bool


@router.get("")
def show(
    *,
    visit: ProtectionDep,
    session: SessionDep,
    now: NowDep,
    suite: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Show who opened which dossier from another territory, when and why."""
    territories, _ = narrowed(visit.actor, Action.EMERGENCY_READ)
    page = emergency.list_accesses(session, territories, cursor=suite, limit=ROWS)
    idents = {one.opened_by.removeprefix("account:") for one in page.items if one.opened_by[:8] == "account:"}
    accounts = security.accounts_named(session, {UUID(ident) for ident in idents})
    names = {f"account:{one.id}": one.display_name for one in accounts}
    return render(
        "protection/emergencies.html",
        visit=visit,
        rows=[_row(one, names, now) for one in page.items],
        after=page.next_cursor,
    )


def _row(one: EmergencyAccess, names: dict[str, str], now: datetime) -> Row:
    return Row(
        when=local(one.opened_at).strftime("%d/%m/%Y %H:%M"),
        until=local(one.expires_at).strftime("%H:%M"),
        who=names.get(one.opened_by, "un logiciel"),
        role=ROLES.get(one.role.value, one.role.value),
        number=one.number,
        reason=one.reason,
        running=one.expires_at > now,
    )
