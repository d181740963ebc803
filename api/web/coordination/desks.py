"""Desks and keys: pharmacies and nurse practices, who signs in for them, which software calls for them.

A password or a key is shown on the page that answers its making, and never again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, WiringDep
from api.security import service as security
from api.security.errors import LoginTaken
from api.security.facts import AccountView, NewAccount, NewKey
from api.security.rights import Action, Subject, check_existing, reach_of
from api.web import forms, kept
from api.web.coordination import desk_views as views
from api.web.coordination.visits import Post, PostDep
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from snp.directory import service as directory
from snp.directory.facts import OrganisationDetails, OrganisationView
from snp.errors import InvalidValue
from snp.platform.actors import DESK_ROLES, Role
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/coordination/comptoirs", include_in_schema=False)

PAGE: Final = "/coordination/comptoirs"
LONGEST_KEY_DAYS: Final = 3650
PASSWORD_BYTES: Final = 12
"""Sixteen characters drawn at random, to be read out once: beyond what the rules ask of a password."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What was just made, and the words that open it: shown once."""

    heading: str
    name: str
    text: str
    advice: str


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: Annotated[bool, Query()] = False,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the desks of the territory, their accounts and their keys."""
    left = kept.find(session, kept.page_id(PAGE), keys=keys, by=post.actor, now=now) if reprendre else {}
    return _page(session, post, info="saisie-reprise" if left else info, typed=left)


@router.post("/nouveau")
def create_desk(
    *, post: PostDep, form: SubmittedDep, session: SessionDep, wiring: WiringDep, now: NowDep
) -> Response:
    """Add a pharmacy or a nurse practice to the territory."""
    reach_of(post.actor, Action.ORGANISATION_WRITE)
    kind = views.KINDS.get(form.texts.get("type", ""))
    errors: Errors = {}
    if kind is None:
        errors["type"] = "Choisissez une pharmacie ou un cabinet infirmier"
    if not form.texts.get("structure"):
        errors["structure"] = "Indiquez le nom de la structure"
    if errors or kind is None:
        return _page(session, post, errors=errors, typed=form.texts)
    details = OrganisationDetails(
        kind=kind, name=form.texts["structure"], territory_ids=frozenset({post.territory.id})
    )
    try:
        with session.begin_nested():
            directory.create_organisation(
                session, details, strict=wiring.settings.strict_identifiers, by=post.actor, now=now
            )
    except InvalidValue as fault:
        return _page(session, post, errors={"structure": forms.capital_reason(fault)}, typed=form.texts)
    return _back(post, "comptoir-ajoute")


@router.post("/comptes")
def create_account(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Make an account with a password drawn at random, shown once."""
    reach_of(post.actor, Action.ACCOUNT_ADMIN)
    typed = form.texts
    role, organisation = _standing(session, post, typed)
    errors: Errors = {}
    if role is None:
        errors["role"] = "Choisissez pour qui est ce compte"
    if not typed.get("identifiant_compte"):
        errors["identifiant_compte"] = "Indiquez l’identifiant de connexion"
    if errors or role is None:
        return _page(session, post, errors=errors, typed=typed)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    new = NewAccount(
        login=typed["identifiant_compte"],
        display_name=typed.get("nom_affiche") or (organisation.name if organisation else views.ROLES[role]),
        role=role,
        password=password,
        territory_ids=(post.territory.id,),
        organisation_id=organisation.id if organisation else None,
    )
    try:
        with session.begin_nested():
            made = security.create_account(session, new, by=post.actor, now=now)
    except LoginTaken:
        fault = "Cet identifiant est déjà pris : choisissez-en un autre"
        return _page(session, post, errors={"identifiant_compte": fault}, typed=typed)
    except InvalidValue as fault:
        return _page(session, post, errors={"identifiant_compte": forms.capital_reason(fault)}, typed=typed)
    shown = Secret("Compte créé", made.login, password, views.TELL_ONCE)
    return _page(session, post, secret=shown)


@router.post("/comptes/{account_id}/mot-de-passe")
def renew_password(*, account_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> Response:
    """Give an account a new password, shown once; its sessions end."""
    account = _account(session, post, account_id)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    security.set_password(session, account_id, password, by=post.actor, now=now)
    shown = Secret("Nouveau mot de passe", account.login, password, views.TELL_ONCE)
    return _page(session, post, secret=shown)


@router.post("/comptes/{account_id}/second-facteur")
def reset_factor(*, account_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Take away a lost second factor: its owner sets up another one; his sessions end."""
    _account(session, post, account_id)
    if post.actor.ident != f"account:{account_id}":
        security.reset_factor(session, account_id, by=post.actor, now=now)
    return _back(post, "facteur-remis")


@router.post("/comptes/{account_id}/fermer")
def close_account(*, account_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Close an account: its sessions end."""
    _account(session, post, account_id)
    if post.actor.ident != f"account:{account_id}":
        security.set_active(session, account_id, False, by=post.actor, now=now)
    return _back(post, "compte-ferme")


@router.post("/comptes/{account_id}/ouvrir")
def open_account(*, account_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Open a closed account again."""
    _account(session, post, account_id)
    security.set_active(session, account_id, True, by=post.actor, now=now)
    return _back(post, "compte-ouvert")


@router.post("/cles")
def create_key(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Make a key, shown once; two running keys of one owner never bear one name."""
    reach_of(post.actor, Action.KEY_ADMIN)
    typed = form.texts
    role, organisation = _standing(session, post, typed)
    name = " ".join(typed.get("nom_cle", "").split())
    owner = organisation.id if organisation else None
    running = {
        (key.name.casefold(), key.organisation_id)
        for key in security.list_keys(session, by=post.actor)
        if key.revoked_at is None
    }
    days = typed.get("duree_cle", "")
    errors: Errors = {}
    if role is None:
        errors["role"] = "Choisissez pour qui est cette clé"
    if not name:
        errors["nom_cle"] = "Nommez la clé d’après le logiciel qui l’utilisera"
    elif (name.casefold(), owner) in running:
        errors["nom_cle"] = "Une clé en service porte déjà ce nom : révoquez-la, ou choisissez-en un autre"
    if days and not (days.isdecimal() and 1 <= int(days) <= LONGEST_KEY_DAYS):
        errors["duree_cle"] = f"Un nombre de jours, de 1 à {LONGEST_KEY_DAYS}, ou rien"
    if errors or role is None:
        return _page(session, post, errors=errors, typed=typed)
    new = NewKey(
        name=name,
        role=role,
        territory_ids=(post.territory.id,),
        organisation_id=owner,
        expires_at=now + timedelta(days=int(days)) if days else None,
        allowed_networks=tuple(typed.get("reseaux_cle", "").replace(",", " ").split()),
    )
    try:
        with session.begin_nested():
            made = security.create_key(session, new, by=post.actor, now=now)
    except InvalidValue as fault:
        place = "reseaux_cle" if fault.fields.get("field") == "allowed_networks" else "nom_cle"
        return _page(session, post, errors={place: forms.capital_reason(fault)}, typed=typed)
    log(Event.KEY_CREATED, key_id=made.view.id, role=made.view.role)
    return _page(session, post, secret=Secret("Clé créée", name, made.text, views.PASTE_ONCE))


@router.post("/cles/{key_id}/renouveler")
def rotate_key(
    *, key_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> Response:
    """Give a key a new secret, shown once; the present one goes on for the hours chosen."""
    reach_of(post.actor, Action.KEY_ADMIN)
    hours = form.texts.get("heures", "")
    overlap = timedelta(hours=int(hours)) if hours in views.OVERLAPS else timedelta(hours=24)
    made = security.rotate_key(session, key_id, overlap=overlap, by=post.actor, now=now)
    log(Event.KEY_ROTATED, key_id=key_id)
    return _page(session, post, secret=Secret("Clé renouvelée", made.view.name, made.text, views.PASTE_ONCE))


@router.post("/cles/{key_id}/reseaux")
def set_networks(*, key_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep) -> Response:
    """Say from where a key may be presented."""
    reach_of(post.actor, Action.KEY_ADMIN)
    wanted = form.texts.get("reseaux", "").replace(",", " ").split()
    try:
        security.set_networks(session, key_id, wanted, by=post.actor)
    except InvalidValue as fault:
        return _page(
            session, post, errors={f"reseaux-{key_id}": forms.capital_reason(fault)}, typed=form.texts
        )
    return _back(post, "reseaux-enregistres")


@router.post("/cles/{key_id}/revoquer")
def revoke_key(*, key_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Stop a key from now on."""
    reach_of(post.actor, Action.KEY_ADMIN)
    security.revoke_key(session, key_id, by=post.actor, now=now)
    log(Event.KEY_REVOKED, key_id=key_id)
    return _back(post, "cle-revoquee")


def _standing(
    session: Session, post: Post, typed: Mapping[str, str]
) -> tuple[Role | None, OrganisationView | None]:
    """Return the role that a form names, and the desk when it is one; None for nothing that may be made."""
    told = typed.get("role", "")
    organisation_id = forms.ident(told)
    if organisation_id is None:
        return (Role(told) if told in views.ROLES else None), None
    organisation = directory.get_organisation(session, organisation_id)
    role = views.DESK_ROLE.get(organisation.kind)
    if post.territory.id not in organisation.territory_ids or role not in DESK_ROLES:
        return None, None
    return role, organisation


def _account(session: Session, post: Post, account_id: UUID) -> AccountView:
    found = security.get_account(session, account_id)
    subject = Subject("compte", account_id, territories=frozenset(found.territory_ids))
    check_existing(post.actor, Action.ACCOUNT_ADMIN, subject)
    return found


def _back(post: Post, info: str) -> RedirectResponse:
    return see(f"/coordination/comptoirs?territoire={post.territory.id}&info={info}")


def _page(
    session: Session,
    post: Post,
    *,
    info: str | None = None,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    secret: Secret | None = None,
) -> HTMLResponse:
    return render(
        "coordination/desks.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        errors=errors or {},
        typed=typed or {},
        secret=secret,
        **views.desks(session, post),
    )
