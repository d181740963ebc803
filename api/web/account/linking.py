"""« Mon compte »: attaching Pro Santé Connect or another provider by signing in there, and detaching it.

Who is signed in proves his account again, goes out to the provider, and comes back to the same session: an
answer that another session asked for attaches nothing. Way out and back are those of the sign-in, so that one
address of return is enough at the provider.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from api.cookies import SESSION
from api.deps import KeysDep, NowDep, PageVisit, SessionDep, VisitDep, WiringDep
from api.security import service as security
from api.security import tokens
from api.security.facts import LinkFault, OwnerFault
from api.security.rights import Action, reach_of
from api.web import providers
from api.web.account.views import provider_rows
from api.web.forms import Errors
from api.web.providers import AskedDep, CameBack, ProviderDep
from api.web.proving import keep_session
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from api.wiring import Wiring, wiring_of
from snp.errors import NotFound, SnpError
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log
from snp.platform.sign_in_settings import SignInProvider

router = APIRouter(prefix="/compte/fournisseurs", include_in_schema=False)

PURPOSE: Final = "link"
"""Under this word a question says which session of which account it was asked for."""
_PASSWORD: Final = "mot_de_passe"  # noqa: S105 - the name of a field, that is carried nowhere
_CODE: Final = "code_unique"
_OWNER: Final[Mapping[OwnerFault, tuple[str, str]]] = {
    OwnerFault.PASSWORD: (_PASSWORD, "Ce n’est pas votre mot de passe actuel"),
    OwnerFault.CODE: (_CODE, "Ce code n’est pas le bon, ou il a déjà servi"),
    OwnerFault.LOCKED: ("preuve", "Trop d’essais : réessayez dans quelques minutes"),
    OwnerFault.NOT_FRESH: (
        "preuve",
        "Votre connexion date de plus de dix minutes : déconnectez-vous, revenez, et recommencez",
    ),
}
_LINK: Final[Mapping[LinkFault, str]] = {
    LinkFault.TAKEN: "fournisseur-pris",
    LinkFault.HELD: "fournisseur-deja",
    LinkFault.OTHER_PERSON: "fournisseur-autre",
}
_LAST: Final = "C’est votre seul moyen de connexion : rattachez-en un autre, ou demandez un mot de passe"
_AWAY: Final = "{label} ne répond pas : réessayez dans un instant"


@router.get("/{name}")  # noqa: FAST003 - the provider is found by it
def show(*, provider: ProviderDep, visit: VisitDep, session: SessionDep) -> Response:
    """Ask for a proof before the way to a provider is shown."""
    reach_of(visit.actor, Action.SELF)
    return _page(session, visit, provider[0].label, _here(provider[0].name))


@router.post("/{name}")  # noqa: FAST003 - the provider is found by it
def go_out(
    *,
    asked: AskedDep,
    provider: ProviderDep,
    visit: VisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Verify who asks, and show the way to the provider. A link, since no form may lead out of the site."""
    reach_of(visit.actor, Action.SELF)
    terms, _ = provider
    if errors := _unproved(session, visit, form.texts, wiring, keys=keys, now=now):
        return _page(session, visit, terms.label, _here(terms.name), errors=errors)
    if isinstance(asked, SnpError):
        away = {"preuve": _AWAY.format(label=terms.label)}
        return _page(session, visit, terms.label, _here(terms.name), errors=away, status=503)
    page = render("account/go_out.html", visit=visit, label=terms.label, address=asked.address)
    bound = {"account": str(visit.account.id), "session": tokens.digest(visit.token).hex()}
    return providers.keep(page, asked, {PURPOSE: bound}, wiring, keys=keys, now=now)


@router.get("/{identity_id}/detacher")
def ask_detach(*, identity_id: UUID, visit: VisitDep, session: SessionDep, wiring: WiringDep) -> Response:
    """Ask for a proof before an identity is detached. Raises `NotFound`."""
    reach_of(visit.actor, Action.SELF)
    label = _label_of(session, visit, wiring, identity_id)
    return _page(session, visit, label, _here(f"{identity_id}/detacher"), attached=True)


@router.post("/{identity_id}/detacher")
def detach(
    *,
    identity_id: UUID,
    visit: VisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Detach an identity, never the last way to sign in. Raises `NotFound`."""
    reach_of(visit.actor, Action.SELF)
    label, here = _label_of(session, visit, wiring, identity_id), _here(f"{identity_id}/detacher")
    if errors := _unproved(session, visit, form.texts, wiring, keys=keys, now=now):
        return _page(session, visit, label, here, attached=True, errors=errors)
    fault = security.detach_identity(
        session,
        visit.account.id,
        identity_id,
        issuers={one.issuer for one in wiring.settings.delegated_sign_ins},
        token=visit.token,
        by=visit.actor,
        now=now,
    )
    if fault is not None:
        return _page(session, visit, label, here, attached=True, errors={"preuve": _LAST}, status=409)
    return _renewed(session, visit.token, wiring, "fournisseur-detache", now=now)


def finish(
    request: Request,
    session: Session,
    terms: SignInProvider,
    came: CameBack,
    bound: Mapping[str, Any],
    *,
    now: datetime,
) -> Response:
    """Attach the identity that came back to the account whose session asked for it; nothing otherwise."""
    token, wiring = SESSION.read(request) or "", wiring_of(request)
    visitor = security.resume(session, token, now=now) if token else None
    held = {"account": str(visitor.account.id), "session": tokens.digest(token).hex()} if visitor else None
    if visitor is None or held != bound:
        log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="link", code="session")
        return see("/compte", info="fournisseur-perdu")
    reach_of(visitor.actor, Action.SELF)
    if isinstance(came.answer, SnpError):
        code = str(came.answer.fields.get("code", came.answer.slug))
        log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="link", code=code)
        return see("/compte", info="fournisseur-refuse")
    fault = security.attach_identity(
        session, visitor.account.id, terms, came.answer, came.proof(terms), by=visitor.actor, now=now
    )
    if fault is not None:
        log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="link", code=fault)
        return see("/compte", info=_LINK[fault])
    return _renewed(session, token, wiring, "fournisseur-rattache", now=now)


def _unproved(
    session: Session,
    visit: PageVisit,
    typed: Mapping[str, str],
    wiring: Wiring,
    *,
    keys: Keys,
    now: datetime,
) -> Errors:
    fault = security.prove_owner(
        session,
        visit.account.id,
        password=typed.get(_PASSWORD, ""),
        code=typed.get(_CODE, ""),
        token=visit.token,
        keys=keys,
        at=wiring.telephone_time(),
        now=now,
    )
    return {} if fault is None else dict([_OWNER[fault]])


def _label_of(session: Session, visit: PageVisit, wiring: Wiring, identity_id: UUID) -> str:
    rows = provider_rows(session, visit, wiring)
    label = next((one.label for one in rows if one.ident == identity_id), None)
    if label is None:
        raise NotFound("moyen de connexion", identity_id)
    return label


def _here(rest: str) -> str:
    return f"/compte/fournisseurs/{rest}"


def _page(
    session: Session,
    visit: PageVisit,
    label: str,
    here: str,
    *,
    attached: bool = False,
    errors: Errors | None = None,
    status: int = 422,
) -> Response:
    return render(
        "account/provider.html",
        visit=visit,
        status=status if errors else 200,
        label=label,
        here=here,
        attached=attached,
        errors=errors or {},
        has_password=security.has_password(session, visit.account.id),
        has_factor=security.find_factor(session, visit.account.id) is not None,
    )


def _renewed(session: Session, token: str, wiring: Wiring, info: str, *, now: datetime) -> Response:
    """Give this device a fresh token: what opens the account has changed."""
    fresh = security.rotate(session, token, now=now)
    assert fresh is not None
    response = see("/compte", info=info)
    keep_session(response, fresh, wiring, now)
    return response
