"""What the pages of one's own account show. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.deps import PageVisit
from api.security import service as security
from api.wiring import Wiring
from snp.days import say_instant


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device, in words."""

    id: UUID
    browser: str
    since: str
    seen: str
    by: str
    is_this_one: bool


def account_facts(session: Session, visit: PageVisit, wiring: Wiring) -> dict[str, Any]:
    """Return what one's own account is, and how it is proved."""
    factor = security.find_factor(session, visit.account.id)
    return {
        "login": visit.account.login,
        "has_password": security.has_password(session, visit.account.id),
        "factor_since": say_instant(factor.enrolled_at, year=True) if factor else "",
        "codes_left": factor.codes_left if factor else 0,
        "must_have_factor": visit.account.role in wiring.settings.second_factor_roles,
    }


def device_rows(session: Session, visit: PageVisit, wiring: Wiring, now: datetime) -> list[DeviceRow]:
    """Return the devices of the visitor, this one first."""
    labels = {one.issuer: one.label for one in wiring.settings.delegated_sign_ins}
    found = [
        DeviceRow(
            id=one.id,
            browser=one.browser or "Navigateur",
            since=say_instant(one.created_at),
            seen=say_instant(one.last_seen_at),
            by=labels.get(one.by_provider, "fournisseur d’identité") if one.by_provider else "mot de passe",
            is_this_one=one.is_this_one,
        )
        for one in security.list_devices(session, visit.account.id, token=visit.token, now=now)
    ]
    return sorted(found, key=lambda row: not row.is_this_one)
