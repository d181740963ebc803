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


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider beside one's account; `name` None: the settings have it no longer. `ident`: attached so."""

    label: str
    name: str | None
    ident: UUID | None
    since: str


def account_facts(session: Session, visit: PageVisit, wiring: Wiring) -> dict[str, Any]:
    """Return what one's own account is, and how it is proved."""
    factor = security.find_factor(session, visit.account.id)
    return {
        "login": visit.account.login,
        "has_password": security.has_password(session, visit.account.id),
        "factor_since": say_instant(factor.enrolled_at, year=True) if factor else "",
        "codes_left": factor.codes_left if factor else 0,
        "must_have_factor": visit.account.role in wiring.settings.second_factor_roles,
        "providers": provider_rows(session, visit, wiring),
    }


def provider_rows(session: Session, visit: PageVisit, wiring: Wiring) -> list[ProviderRow]:
    """Return the providers of the settings, attached or not, then what is attached of others."""
    held = {one.issuer: one for one in security.list_identities(session, visit.account.id)}
    rows = []
    for one in wiring.settings.delegated_sign_ins:
        found = held.pop(one.issuer, None)
        since = say_instant(found.linked_at, year=True) if found else ""
        rows.append(ProviderRow(one.label, one.name, found.id if found else None, since))
    rows += [
        ProviderRow("Fournisseur retiré du service", None, one.id, say_instant(one.linked_at, year=True))
        for one in held.values()
    ]
    return rows


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
