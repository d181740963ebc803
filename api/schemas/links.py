"""The bodies of magic links: what is proposed, and what its maker is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.agenda import OfferIn
from api.schemas.forms import In, Instant, Out
from api.security.facts import LinkAnswer, LinkPurpose, LinkView
from slots.agenda.facts import Wish


class WishIn(In):
    """One slot to propose."""

    start: Instant
    offer: OfferIn

    def to_facts(self) -> Wish:
        """Return the slot as the agenda knows it."""
        return Wish(self.start, self.offer.to_facts())


class LinkIn(In):
    """A magic link to make."""

    practitioner_id: UUID
    slots: Annotated[list[WishIn], Field(min_length=1, max_length=30)]
    hours: Annotated[int, Field(ge=1, le=336, description="Durée de vie du lien.")] = 48


class LinkOut(Out):
    """A magic link, without its secret."""

    id: UUID
    purpose: LinkPurpose
    practitioner_id: UUID
    slots: list[datetime]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    answer: LinkAnswer | None
    revoked_at: datetime | None

    @classmethod
    def told(cls, view: LinkView) -> Self:
        """Return a link as it is told."""
        return cls(
            id=view.id,
            purpose=view.purpose,
            practitioner_id=view.practitioner_id,
            slots=[wish.start for wish in view.wishes],
            created_at=view.created_at,
            expires_at=view.expires_at,
            used_at=view.used_at,
            answer=view.answer,
            revoked_at=view.revoked_at,
        )


class IssuedLinkOut(Out):
    """A magic link on the day it is made: the only time that its address is told."""

    address: str
    link: LinkOut
