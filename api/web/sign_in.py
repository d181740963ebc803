"""Signing in and out, and taking up again what a finished session interrupted."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.cookies import SESSION
from api.deps import (
    KeysDep,
    NowDep,
    OptionalVisitDep,
    SessionDep,
    WiringDep,
    client_address,
    same_origin,
)
from api.security import service as security
from api.security.facts import FactorDue, SignInRefused
from api.web import drafts, kept
from api.web.agenda import told
from api.web.demonstration import sign_ins
from api.web.factor_page import ask_factor
from api.web.proving import Pending, browser_of, let_in
from api.web.rendering import render, see
from api.web.submitted import Submitted, SubmittedDep
from api.wiring import Wiring, wiring_of
from snp.errors import NotFound
from snp.platform.actors import Actor
from snp.platform.crypto import TamperedEnvelope, UnknownKey
from snp.platform.keys import Keys

router = APIRouter(include_in_schema=False)

_CONTEXT: Final = "interrupted-form"
_FIRST: Final = "/comptoir/demandes"
_SECOND: Final = re.compile(r"/comptoir/demandes/([0-9a-f-]{36})")
_DOSSIER: Final = re.compile(r"(/comptoir/dossiers/[0-9a-f-]{36})/[a-z]+")
_AGENDA: Final = re.compile(r"/agenda/(?:publier|plage|regulier|regulier/[0-9a-f-]{36}|absences)")
_CALL: Final = "/regulation/appels"
_CASE: Final = re.compile(r"(/regulation/dossiers/([0-9a-f-]{36}))/[a-z-]+")
_COORDINATION: Final = (
    "/coordination/reglages",
    "/coordination/comptoirs",
    "/coordination/voisins",
    "/premiers-pas/territoire",
)
_SHEET: Final = re.compile(r"/series/([0-9a-f-]{36})/fiche")
_INDICATOR: Final = re.compile(r"/coordination/indicateurs/(?:nouveau|[a-z][a-z0-9-]*/modifier)")
_OURS: Final = re.compile(r"/(?!/)[A-Za-z0-9/_?=&-]{0,200}")


@router.get("/connexion")
def ask(
    *,
    request: Request,
    visit: OptionalVisitDep,
    suite: Annotated[str, Query(max_length=200)] = "",
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the sign-in form; who is signed in goes on."""
    if visit is not None:
        return see(within(suite))
    return form_page(wiring_of(request), info=info, next=within(suite), resumed="")


@router.post("/connexion", dependencies=[Depends(same_origin)])
def sign_in(
    *, request: Request, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Verify the password, open the session, and go back to what was interrupted."""
    wiring, address = wiring_of(request), client_address(request)
    wiring.sign_ins.take(address, now)
    login, resumed = form.texts.get("identifiant", ""), form.texts.get("reprise", "")
    next_page = within(form.texts.get("suite", ""))
    answer = security.sign_in(
        session,
        login,
        form.texts.get("mot_de_passe", ""),
        now=now,
        browser=browser_of(request, wiring),
        factor_roles=wiring.settings.second_factor_roles,
        keys=keys,
    )
    if isinstance(answer, FactorDue):
        wiring.sign_ins.give_back(session, address)
        return ask_factor(Pending(answer, next_page, resumed), keys=keys, now=now)
    if isinstance(answer, SignInRefused):
        return form_page(
            wiring,
            status=422,
            typed={"identifiant": login},
            errors={"identifiant": answer.sentence},
            next=next_page,
            resumed=resumed,
        )
    wiring.sign_ins.give_back(session, address)
    response = onward(session, next_page, resumed, keys=keys, by=answer.actor, now=now)
    return let_in(response, request, session, answer, now)


@router.post("/deconnexion", dependencies=[Depends(same_origin)])
def sign_out(
    *, visit: OptionalVisitDep, session: SessionDep, wiring: WiringDep, now: NowDep
) -> RedirectResponse:
    """End the session."""
    if visit is not None:
        security.sign_out(session, visit.token, now=now)
    response = see("/connexion", info="deconnecte" if visit else None)
    SESSION.remove(response, wiring)
    return response


def sign_in_page(request: Request, *, status: int) -> Response:
    """Return the sign-in form to who has no session; what he was sending travels in it, sealed."""
    sent: Submitted | None = getattr(request.state, "submitted", None)
    resumed = _sealed(request, sent) if sent and sent.kept else ""
    expired = SESSION.read(request) is not None
    if request.method in {"GET", "HEAD"}:
        query = {"suite": request.scope["path"]} if request.scope["path"] != "/" else {}
        address = "/connexion" + (f"?suite={query['suite']}" if query else "")
        return RedirectResponse(address, status_code=303)
    return form_page(
        wiring_of(request),
        status=status,
        info="connexion-finie" if expired else None,
        next="",
        resumed=resumed,
    )


def form_page(wiring: Wiring, **facts: Any) -> Response:
    """Return the sign-in form."""
    shown, password = sign_ins(wiring)
    providers = [(one.name, one.label) for one in wiring.settings.delegated_sign_ins]
    return render("sign_in.html", sign_ins=shown, password=password, providers=providers, **facts)


def onward(
    session: Session, next_page: str, resumed: str, *, keys: Keys, by: Actor, now: datetime
) -> RedirectResponse:
    """Return where somebody goes on to: what a finished session interrupted, or the page that he wanted."""
    return _take_up(session, resumed, keys=keys, by=by, now=now) or see(within(next_page))


def within(address: str) -> str:
    """Return an address of this service to go on to; anything else is the home page."""
    return address if _OURS.fullmatch(address) else "/"


def _sealed(request: Request, sent: Submitted) -> str:
    """Return an interrupted form in an envelope that only this service opens."""
    content = orjson.dumps({"path": request.scope["path"], "fields": sent.kept})
    sealed = wiring_of(request).keys.cipher().seal(content, context=_CONTEXT)
    return base64.urlsafe_b64encode(sealed).decode()


def _opened(resumed: str, keys: Keys) -> tuple[str, Mapping[str, str]] | None:
    if not resumed:
        return None
    try:
        content = keys.cipher().open(base64.urlsafe_b64decode(resumed), context=_CONTEXT)
    except (binascii.Error, ValueError, TamperedEnvelope, UnknownKey):
        return None
    stored: dict[str, Any] = orjson.loads(content)
    return stored["path"], stored["fields"]


def _take_up(
    session: Session, resumed: str, *, keys: Keys, by: Actor, now: datetime
) -> RedirectResponse | None:
    """Put an interrupted form back into a draft and return to its page; None when there was none."""
    found = _opened(resumed, keys)
    if found is None:
        return None
    path, fields = found
    if path.startswith("/agenda"):
        return _back_to_agenda(session, path, fields, keys=keys, by=by, now=now)
    if (sheet := _SHEET.fullmatch(path)) and (request_id := _uuid(sheet[1])):
        kept.keep(session, request_id, fields, keys=keys, by=by, now=now)
        return see(f"{path}?reprendre=1")
    if path.startswith("/regulation/"):
        return _take_up_console(session, path, fields, keys=keys, by=by, now=now)
    if page := _coordination_page(path):
        kept.keep(session, kept.page_id(page), fields, keys=keys, by=by, now=now)
        return see(f"{page}?{urlencode({'reprendre': 1, 'territoire': fields.get('territoire', '')})}")
    return _take_up_desk(session, path, fields, keys=keys, by=by, now=now)


def _coordination_page(path: str) -> str | None:
    """Return the page of the coordination whose form this is: itself, for the form of an indicator."""
    if _INDICATOR.fullmatch(path):
        return path
    return next((one for one in _COORDINATION if path.startswith(one)), None)


def _take_up_desk(
    session: Session, path: str, fields: Mapping[str, str], *, keys: Keys, by: Actor, now: datetime
) -> RedirectResponse | None:
    """Put what a desk was sending back where it was typed."""
    if path == _FIRST and (draft_id := _uuid(fields.get("brouillon"))):
        try:
            draft = drafts.start_draft(session, draft_id, keys=keys, by=by, now=now)
        except NotFound:
            return None
        drafts.save_draft(session, draft.typing(fields), keys=keys)
        return see(f"/comptoir?reprendre={draft_id}")
    if (second := _SECOND.fullmatch(path)) and (draft_id := _uuid(second[1])):
        kept = drafts.find_draft(session, draft_id, keys=keys, by=by, now=now)
        if kept is not None:
            drafts.save_draft(session, kept.typing(fields), keys=keys)
            return see(path)
    dossier = _DOSSIER.fullmatch(path)
    return see(dossier[1]) if dossier else None


def _back_to_agenda(
    session: Session, path: str, fields: Mapping[str, str], *, keys: Keys, by: Actor, now: datetime
) -> RedirectResponse:
    """Return to the form of an agenda with what was typed in it; an act of one tap is to be done again."""
    if by.practitioner is None or _AGENDA.fullmatch(path) is None:
        return see("/")
    typed = told.keep_typed(session, fields, keys=keys, by=by, now=now)
    return see(f"{path.removesuffix('/publier')}?reprendre={typed}")


def _take_up_console(
    session: Session, path: str, fields: Mapping[str, str], *, keys: Keys, by: Actor, now: datetime
) -> RedirectResponse | None:
    """Put what the console was sending back where it was typed."""
    if path == _CALL and (draft_id := _uuid(fields.get("brouillon"))):
        try:
            draft = drafts.start_draft(session, draft_id, keys=keys, by=by, now=now)
        except NotFound:
            return None
        drafts.save_draft(session, draft.typing(fields), keys=keys)
        return see(f"/regulation/appel?reprendre={draft_id}")
    case = _CASE.fullmatch(path)
    if case is None or (request_id := _uuid(case[2])) is None:
        return None
    kept.keep(session, request_id, fields, keys=keys, by=by, now=now)
    return see(case[1])


def _uuid(typed: str | None) -> UUID | None:
    try:
        return UUID(typed or "")
    except ValueError:
        return None
