"""Magic links: who needs slots proposes them to a practitioner, who answers without a password."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.routers.subjects import of_practitioner
from api.schemas.links import IssuedLinkOut, LinkIn, LinkOut
from api.security import service as security
from api.security.facts import LinkView
from api.security.rights import Action, Subject, check_existing, check_named, check_new
from api.web.addresses import service_address
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/magic-links", tags=["access"])
LinkAdmin = Annotated[Actor, Depends(Allow(Action.LINK_ADMIN))]


@router.post("", status_code=201, response_model=IssuedLinkOut)
def create_link(
    *,
    request: Request,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    by: LinkAdmin,
    once: OnceDep,
    body: LinkIn,
) -> Response:
    """Propose slots to a practitioner; the address of the link is told this once."""
    practitioner = directory.get_practitioner(session, body.practitioner_id, now=now)
    check_new(by, Action.LINK_ADMIN, of_practitioner(practitioner))
    for slot in body.slots:
        check_named(by, Action.LINK_ADMIN, slot.offer.territory_ids)

    def create() -> Answer:
        made = security.create_link(
            session,
            body.practitioner_id,
            [slot.to_facts() for slot in body.slots],
            lifetime=timedelta(hours=body.hours),
            codes=keys.hasher(),
            by=by,
            now=now,
        )
        log(Event.LINK_CREATED, link_id=made.view.id, kind=made.view.purpose)
        address = f"{service_address(request)}/lien/{made.secret}"
        shown = IssuedLinkOut(address=address, link=LinkOut.told(made.view))
        return Answer(shown, f"/api/v1/magic-links/{made.view.id}")

    return once(create)


@router.get("/{link_id}")
def get_link(*, session: SessionDep, by: LinkAdmin, link_id: UUID) -> LinkOut:
    """Return a link and what became of it; never its address."""
    found = security.get_link(session, link_id)
    check_existing(by, Action.LINK_ADMIN, _subject(found))
    return LinkOut.told(found)


@router.delete("/{link_id}")
def revoke_link(*, session: SessionDep, now: NowDep, by: LinkAdmin, link_id: UUID) -> LinkOut:
    """Stop a link from now on."""
    check_existing(by, Action.LINK_ADMIN, _subject(security.get_link(session, link_id)))
    log(Event.LINK_REVOKED, link_id=link_id)
    return LinkOut.told(security.revoke_link(session, link_id, now=now))


def _subject(link: LinkView) -> Subject:
    return Subject("lien", link.id, territories=frozenset(link.territory_ids))
