"""What the page of desks and keys shows. Reads only; knows no secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.security import service as security
from api.security.facts import AccountView, KeyView
from api.web import wording
from api.web.coordination.visits import Post
from api.web.desk_views import Option
from snp.days import say_instant
from snp.directory import service as directory
from snp.directory.facts import OrganisationFilter, OrganisationKind, OrganisationView
from snp.platform.actors import Role

KINDS: Final[Mapping[str, OrganisationKind]] = {
    "pharmacie": OrganisationKind.PHARMACY,
    "infirmiers": OrganisationKind.NURSE_PRACTICE,
}
KIND_OPTIONS: Final = (Option("pharmacie", "Pharmacie"), Option("infirmiers", "Cabinet infirmier"))
DESK_ROLE: Final[Mapping[OrganisationKind, Role]] = {
    OrganisationKind.PHARMACY: Role.PHARMACY,
    OrganisationKind.NURSE_PRACTICE: Role.NURSE_PRACTICE,
}
ROLES: Final[Mapping[str, str]] = {
    Role.ARM: "Assistant de régulation (ARM)",
    Role.OSNP: "Opérateur SNP",
    Role.REGULATEUR: "Médecin régulateur",
    Role.COORDINATOR: "Coordinateur",
    Role.DPO: "Délégué à la protection des données",
}
"""Who else gets an account or a key here; a practitioner gets his from his own page."""

TELL_ONCE: Final = (
    "Transmettez-le à la personne, de vive voix ou par un moyen sûr. Il ne sera plus jamais affiché."
)
PASTE_ONCE: Final = (
    "Collez-la dans les réglages du logiciel. Elle ne sera plus jamais affichée ; perdue, elle se révoque."
)
OVERLAPS: Final[Mapping[str, str]] = {
    "0": "tout de suite",
    "24": "dans un jour",
    "168": "dans une semaine",
}
"""When the earlier secret of a renewed key stops, by hours."""
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Somebody who signs in."""

    id: UUID
    login: str
    name: str
    state: str
    tone: str
    active: bool
    is_self: bool


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that software presents: its beginning, never the rest."""

    id: UUID
    name: str
    prefix: str
    made: str
    used: str
    live: bool
    expires: str
    networks: str
    overlap: str


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A desk, or a role of the regulation, with its accounts and keys."""

    code: str
    name: str
    kind: str
    accounts: tuple[AccountRow, ...]
    keys: tuple[KeyRow, ...]


def desks(session: Session, post: Post) -> dict[str, Any]:
    """Return the desks of the territory and the other roles, with who signs in and calls for them."""
    here = post.territory.id
    accounts = [one for one in security.list_accounts(session, by=post.actor) if here in one.territory_ids]
    keys = [one for one in security.list_keys(session, by=post.actor) if here in one.territory_ids]
    organisations = _organisations(session, here)
    return {
        "desks": [
            _row(
                str(one.id),
                one.name,
                _KIND_LABELS[one.kind],
                accounts=_of(one, accounts),
                keys=_of(one, keys),
                post=post,
            )
            for one in organisations
        ],
        "others": [
            _row(
                role,
                label,
                "",
                accounts=[one for one in accounts if one.role == role],
                keys=[one for one in keys if one.role == role],
                post=post,
            )
            for role, label in ROLES.items()
        ],
        "kinds": KIND_OPTIONS,
        "overlaps": [Option(hours, label) for hours, label in OVERLAPS.items()],
        "owners": [
            Option("", "Choisir…"),
            *(Option(str(one.id), one.name) for one in organisations),
            *(Option(role, label) for role, label in ROLES.items()),
        ],
    }


_KIND_LABELS: Final = {
    OrganisationKind.PHARMACY: "Pharmacie",
    OrganisationKind.NURSE_PRACTICE: "Cabinet infirmier",
}


def _organisations(session: Session, territory_id: UUID) -> list[OrganisationView]:
    found: list[OrganisationView] = []
    for kind in KINDS.values():
        wanted = OrganisationFilter(territory_ids=frozenset({territory_id}), kind=kind)
        found += directory.list_organisations(session, wanted, limit=_MOST).items
    return sorted(found, key=lambda one: one.name.casefold())


def _of(organisation: OrganisationView, found: Iterable[Any]) -> list[Any]:
    return [one for one in found if one.organisation_id == organisation.id]


def _row(
    code: str,
    name: str,
    kind: str,
    *,
    accounts: Iterable[AccountView],
    keys: Iterable[KeyView],
    post: Post,
) -> DeskRow:
    return DeskRow(
        code, name, kind, tuple(_account(one, post) for one in accounts), tuple(_key(one) for one in keys)
    )


def _account(one: AccountView, post: Post) -> AccountRow:
    state, tone = ("ouvert", "good") if one.active else ("fermé", "")
    return AccountRow(
        id=one.id,
        login=one.login,
        name=one.display_name,
        state=state,
        tone=tone,
        active=one.active,
        is_self=post.actor.ident == f"account:{one.id}",
    )


def _key(one: KeyView) -> KeyRow:
    used = say_instant(one.last_used_at, year=True) if one.last_used_at else ""
    return KeyRow(
        id=one.id,
        name=one.name,
        prefix=one.prefix,
        made=wording.on_paper(one.created_at),
        used=used,
        live=one.revoked_at is None,
        expires=wording.on_paper(one.expires_at) if one.expires_at else "",
        networks=" ".join(one.allowed_networks),
        overlap=say_instant(one.previous_until, year=True) if one.previous_until else "",
    )
