"""Magic links: one page without a password, for one purpose. Make, open, use once, revoke. Never commits.

Opening changes nothing: mail servers and telephones fetch the links of a message before anybody reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.security import repository
from api.security.errors import LinkNotOpen
from api.security.facts import IssuedLink, LinkAnswer, LinkPurpose, LinkView
from api.security.tables import MagicLink
from slots.agenda.facts import Offer, Wish
from snp.assignment.facts import Audience, Mode
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id
from snp.platform.hashing import KeyedHash
from snp.platform.secret_links import read_secret, secret_text, stored_hash

USUAL_LIFETIME: Final = timedelta(hours=48)
LONGEST_LIFETIME: Final = timedelta(days=14)
MOST_WISHES: Final = 30


def create_link(
    session: Session,
    practitioner_id: UUID,
    wishes: Sequence[Wish],
    *,
    lifetime: timedelta = USUAL_LIFETIME,
    codes: KeyedHash,
    by: Actor,
    now: datetime,
) -> IssuedLink:
    """Make a link that proposes slots to a practitioner. Raises `InvalidValue`, `NotFound`.

    What is published from it is exactly what is proposed here: neither the page nor its form can say more.
    """
    _check(wishes, lifetime, now)
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    ident = new_id()
    secret = secret_text(_domain(LinkPurpose.PUBLISH_SLOTS), ident, codes)
    link = MagicLink(
        id=ident,
        secret_hash=stored_hash(secret),
        purpose=LinkPurpose.PUBLISH_SLOTS,
        practitioner_id=practitioner_id,
        territory_ids=sorted(practitioner.territory_ids),
        content=[_to_json(wish) for wish in sorted(wishes, key=lambda one: one.start)],
        created_at=now,
        created_by=by.ident,
        expires_at=now + lifetime,
    )
    repository.add_link(session, link)
    return IssuedLink(secret, _view(link))


def open_link(session: Session, secret: str, *, codes: KeyedHash) -> LinkView:
    """Return what a secret leads to, used and expired links included. Raises `NotFound`."""
    return _view(_found(session, secret, codes, lock=False))


def use_link(
    session: Session, secret: str, answer: LinkAnswer, *, codes: KeyedHash, now: datetime
) -> LinkView:
    """Use a link up. Raises `LinkNotOpen` when it was used, revoked or has expired, and `NotFound`."""
    link = _found(session, secret, codes, lock=True)
    if not _view(link).is_open(now):
        raise LinkNotOpen
    link.used_at, link.answer = now, answer
    session.flush()
    return _view(link)


def revoke_link(session: Session, link_id: UUID, *, now: datetime) -> LinkView:
    """Stop a link from now on; revoking twice, or after its use, changes nothing. Raises `NotFound`."""
    link = repository.link_by_id(session, link_id)
    if link.revoked_at is None and link.used_at is None:
        link.revoked_at = now
        session.flush()
    return _view(link)


def get_link(session: Session, link_id: UUID) -> LinkView:
    """Return a link. Raises `NotFound`."""
    return _view(repository.link_by_id(session, link_id))


def list_links(session: Session, practitioner_id: UUID, *, limit: int) -> tuple[LinkView, ...]:
    """Return the links of a practitioner, newest first, used and ended ones included."""
    return tuple(_view(link) for link in repository.links_of(session, practitioner_id, limit))


def actor_of_link(session: Session, link: LinkView, *, now: datetime) -> Actor:
    """Return who acts through a link: its practitioner, by the link and by nothing else."""
    practitioner = directory.get_practitioner(session, link.practitioner_id, now=now)
    return Actor(
        ident=f"link:{link.id}",
        role=Role.PRACTITIONER,
        territories=frozenset(practitioner.territory_ids),
        practitioner=practitioner.id,
        profession=practitioner.profession,
    )


def _found(session: Session, secret: str, codes: KeyedHash, *, lock: bool) -> MagicLink:
    """Return the link of a secret. The signature is judged first, under its purpose, then the hash."""
    if read_secret(_domain(LinkPurpose.PUBLISH_SLOTS), secret, codes) is None:
        raise NotFound("lien")
    link = repository.link_by_hash(session, stored_hash(secret), lock=lock)
    if link is None:
        raise NotFound("lien")
    return link


def _domain(purpose: LinkPurpose) -> str:
    return f"magic-link:{purpose.value}"


def _check(wishes: Sequence[Wish], lifetime: timedelta, now: datetime) -> None:
    if not 1 <= len(wishes) <= MOST_WISHES:
        raise InvalidValue("slots", f"de 1 à {MOST_WISHES} créneaux")
    if any(wish.start <= now for wish in wishes):
        raise InvalidValue("slots", "tous les créneaux doivent être à venir")
    if not timedelta() < lifetime <= LONGEST_LIFETIME:
        raise InvalidValue("hours", f"{LONGEST_LIFETIME.days} jours au plus")


def _to_json(wish: Wish) -> dict[str, Any]:
    offer = wish.offer
    return {
        "start": wish.start.isoformat(),
        "site_id": str(offer.site_id),
        "mode": offer.mode.value,
        "audiences": sorted(offer.audiences),
        "territory_ids": sorted(str(ident) for ident in offer.territory_ids),
        "reasons": sorted(offer.reasons),
        "slot_minutes": offer.slot_minutes,
        "buffer_minutes": offer.buffer_minutes,
        "release_minutes": offer.release_minutes,
    }


def _wish(stored: Mapping[str, Any]) -> Wish:
    return Wish(
        datetime.fromisoformat(stored["start"]),
        Offer(
            site_id=UUID(stored["site_id"]),
            mode=Mode(stored["mode"]),
            audiences=frozenset(map(Audience, stored["audiences"])),
            territory_ids=frozenset(map(UUID, stored["territory_ids"])),
            reasons=frozenset(stored["reasons"]),
            slot_minutes=stored["slot_minutes"],
            buffer_minutes=stored["buffer_minutes"],
            release_minutes=stored["release_minutes"],
        ),
    )


def _view(link: MagicLink) -> LinkView:
    return LinkView(
        id=link.id,
        purpose=link.purpose,
        practitioner_id=link.practitioner_id,
        territory_ids=tuple(link.territory_ids),
        wishes=tuple(_wish(stored) for stored in link.content),
        created_at=link.created_at,
        created_by=link.created_by,
        expires_at=link.expires_at,
        used_at=link.used_at,
        answer=link.answer,
        revoked_at=link.revoked_at,
    )
