"""One's own account: who one is, the password, the state of the second factor, the devices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import NowDep, PageVisit, SessionDep, VisitDep, WiringDep
from api.security import service as security
from api.security.facts import PasswordFault
from api.security.rights import Action, reach_of
from api.web import forms
from api.web.account.views import account_facts
from api.web.forms import Errors
from api.web.proving import keep_session
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from api.wiring import Wiring
from snp.errors import InvalidValue

router = APIRouter(prefix="/compte", include_in_schema=False)

_FAULTS = {
    PasswordFault.WRONG: ("mot_de_passe", "Ce n’est pas votre mot de passe actuel"),
    PasswordFault.LOCKED: ("mot_de_passe", "Trop d’essais : réessayez dans quelques minutes"),
    PasswordFault.SAME: ("nouveau_mot_de_passe", "Choisissez un mot de passe différent de l’actuel"),
}


@router.get("")
def show(
    *,
    request: Request,
    visit: VisitDep,
    session: SessionDep,
    wiring: WiringDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show one's own account."""
    reach_of(visit.actor, Action.SELF)
    request.state.actor = visit.actor
    return _page(session, visit, wiring, info=info)


@router.post("/mot-de-passe")
def change_password(
    *, visit: VisitDep, form: SubmittedDep, session: SessionDep, wiring: WiringDep, now: NowDep
) -> Response:
    """Change one's own password; other devices are signed out, and this one gets a fresh token."""
    reach_of(visit.actor, Action.SELF)
    current = form.texts.get("mot_de_passe", "")
    wanted = form.texts.get("nouveau_mot_de_passe", "")
    errors: Errors = {}
    if not current:
        errors["mot_de_passe"] = "Tapez votre mot de passe actuel"
    if not wanted:
        errors["nouveau_mot_de_passe"] = "Tapez le nouveau mot de passe"
    elif wanted != form.texts.get("mot_de_passe_encore", ""):
        errors["mot_de_passe_encore"] = "Les deux saisies du nouveau mot de passe diffèrent"
    if errors:
        return _page(session, visit, wiring, errors=errors)
    try:
        fault = security.change_own_password(
            session, visit.account.id, current, wanted, token=visit.token, now=now
        )
    except InvalidValue as refused:
        short = {"nouveau_mot_de_passe": forms.capital_reason(refused)}
        return _page(session, visit, wiring, errors=short)
    if fault is not None:
        return _page(session, visit, wiring, errors=dict([_FAULTS[fault]]))
    response = see("/compte", info="mot-de-passe-change")
    fresh = security.rotate(session, visit.token, now=now)
    assert fresh is not None
    keep_session(response, fresh, wiring, now)
    return response


def _page(
    session: Session,
    visit: PageVisit,
    wiring: Wiring,
    *,
    info: str | None = None,
    errors: Errors | None = None,
) -> Response:
    return render(
        "account/page.html",
        visit=visit,
        status=422 if errors else 200,
        info=info,
        errors=errors or {},
        **account_facts(session, visit, wiring),
    )
