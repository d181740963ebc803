"""The list at the console and at the counter: who waits, in which order, and putting somebody on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import desk_views, wording
from api.web.desk_views import Option
from api.web.forms import Errors
from api.web.mt_list import words
from api.web.mt_list.forms import fault_of, read_circumstances, read_person
from api.web.mt_list.visits import CONSOLE, DESK, Post, PostDep
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import Consent, EntryFilter, EntryState, ScoredEntry, SignUp
from regulation.medecin_traitant.register.refusals import AlreadyOnTheList
from regulation.medecin_traitant.register.rules import CONSENT_TEXT, CONSENT_VERSION, STATE_LABELS
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import InvalidValue
from snp.platform.keys import Keys

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 25
WHY_LISTED: Final = "liste médecin traitant du comptoir"
GROUPS: Final = {
    "attente": ("En attente", frozenset({EntryState.WAITING}), False),
    "appeler": (
        "À appeler",
        frozenset({EntryState.WAITING, EntryState.PICKED, EntryState.AGREED}),
        True,
    ),
    "acceptes": ("Acceptés", frozenset({EntryState.PICKED, EntryState.AGREED}), False),
    "termines": ("Terminés", frozenset({EntryState.SIGNED, EntryState.CLOSED}), False),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the list shows it; `name` only at the counter that brought it."""

    id: UUID
    number: str
    name: str
    place: str
    since: str
    total: int
    state: str
    tone: str
    ald: bool
    next_call: str


def show(
    *,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    voir: Annotated[str, Query(max_length=20)] = "attente",
    territoire: Annotated[str, Query(max_length=36)] = "",
    suite: Annotated[str | None, Query(max_length=300)] = None,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the list in its order, by page."""
    group = voir if voir in GROUPS else "attente"
    label, states, to_call = GROUPS[group]
    territory_id = _territory(session, post, territoire)
    wanted = EntryFilter(territory_id, states=states, to_call=to_call)
    page = register.list_entries(session, wanted, cursor=suite, limit=A_PAGE, by=post.actor, now=now)
    return render(
        "mt_list/list.html",
        visit=post.visit,
        info=info,
        post=post,
        group=group,
        heading=label,
        groups=[(code, words_[0]) for code, words_ in GROUPS.items()],
        rows=_rows(session, post, page.items, keys, now),
        following=page.next_cursor,
        first=suite is None,
        territory=str(territory_id),
        territories=[
            (str(ident), directory.get_territory(session, ident).name)
            for ident in sorted(post.actor.territories)
        ],
    )


def new(*, post: PostDep, session: SessionDep, now: NowDep) -> Response:
    """Show the form that puts somebody on the list."""
    reach_of(post.actor, Action.MT_ADD)
    home = desk_views.home_commune(session, post.actor, now)
    return _form(session, post, {"commune": desk_views.commune_label(home) if home else ""})


def add(*, post: PostDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Put somebody who agreed on the list; it counts at once."""
    reach_of(post.actor, Action.MT_ADD)
    typed = form.texts
    read, errors, communes = read_person(session, typed, local_day(now), post.actor, must_reach=False)
    if read is not None:
        whole = SignUp(
            territory_id=desk_views.territory_for(session, post.actor, read.traits.insee),
            patient=read.traits,
            consent=Consent(CONSENT_VERSION, read.by_representative),
            circumstances=read.circumstances,
            email=read.email,
        )
        try:  # what is refused wrote nothing but its audit line, which stays
            made = register.add_entry(session, whole, keys=keys, by=post.actor, now=now)
        except InvalidValue as fault:
            errors = fault_of(fault)
        except AlreadyOnTheList as known:
            errors = {"nom": known.sentence if known.fields["number"] else _TWICE}
        else:
            return see(f"{post.here}/{made.id}", info="mt-inscrit")
    choices = [Option(one.insee, desk_views.commune_label(one)) for one in communes]
    return _form(session, post, typed, errors, choices)


def add_from_request(
    *,
    request_id: UUID,
    post: PostDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Put the patient of a dossier on the list, who agreed on the phone: one tap."""
    reach_of(post.actor, Action.MT_ADD)
    told = read_circumstances(form.texts).value
    dossier = f"/regulation/dossiers/{request_id}"
    if told is None:
        return see(dossier, info="mt-date")
    try:
        made = register.add_from_request(session, request_id, told, keys=keys, by=post.actor, now=now)
    except AlreadyOnTheList:
        return see(dossier, info="mt-deja-inscrit")
    except InvalidValue:
        return see(dossier, info="mt-date")
    return see(f"{post.here}/{made.id}", info="mt-inscrit")


_TWICE: Final = "Cette personne est déjà sur la liste"

for _base in (CONSOLE, DESK):
    router.add_api_route(_base, show, methods=["GET"])
    router.add_api_route(f"{_base}/nouvelle", new, methods=["GET"])
    router.add_api_route(f"{_base}/nouvelle", add, methods=["POST"])
router.add_api_route("/regulation/dossiers/{request_id}/medecin-traitant", add_from_request, methods=["POST"])


def _territory(session: Session, post: Post, typed: str) -> UUID:
    """Return the territory that is looked at: the one named when it is within reach, else the first."""
    named = next((ident for ident in post.actor.territories if str(ident) == typed), None)
    return named or desk_views.territory_for(session, post.actor, None)


def _rows(session: Session, post: Post, found: Sequence[ScoredEntry], keys: Keys, now: datetime) -> list[Row]:
    """Return rows; a counter sees the names of those whom it brought, audited."""
    codes = {one.entry.insee for one in found if one.entry.insee}
    communes = directory.get_communes(session, codes)
    people = {}
    if not post.at_console:
        ids = [one.entry.id for one in found]
        people = register.read_people(session, ids, keys=keys, why=WHY_LISTED, by=post.actor, now=now)
    rows = []
    for one in found:
        entry = one.entry
        commune = communes.get(entry.insee or "")
        waited = entry.waiting_since or entry.created_at
        rows.append(
            Row(
                id=entry.id,
                number=entry.number,
                name=wording.full_name(people[entry.id].traits) if entry.id in people else "",
                place=commune.name if commune else "",
                since=words.since(waited, now),
                total=one.total,
                state=STATE_LABELS[entry.state],
                tone=words.TONES.get(entry.state, ""),
                ald=entry.ald,
                next_call=f"{entry.next_call_on:%d/%m/%Y}" if entry.next_call_on else "",
            )
        )
    return rows


def _form(
    session: Session,
    post: Post,
    typed: Mapping[str, str],
    errors: Errors | None = None,
    choices: Sequence[Option] = (),
) -> Response:
    return render(
        "mt_list/new.html",
        visit=post.visit,
        status=422 if errors else 200,
        post=post,
        typed=dict(typed),
        errors=errors or {},
        communes=[desk_views.commune_label(one) for one in desk_views.own_communes(session, post.actor)],
        commune_choices=choices,
        sex_options=words.SEX_OPTIONS,
        consent=CONSENT_TEXT,
    )
