"""The page of an entry: who it is, each point and its reason, practices asked, what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import wording
from api.web.console.dossier_facts import ROLES
from api.web.forms import Errors
from api.web.mt_list import words
from api.web.mt_list.forms import YES, fault_of, read_call, read_circumstances
from api.web.mt_list.visits import CONSOLE, DESK, Post, PostDep
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import CloseReason, EntryView, PracticeCallView
from regulation.medecin_traitant.register.refusals import AlreadyOnTheList, EntryMoved
from regulation.medecin_traitant.register.rules import LIVE, ON_THE_LIST, STATE_LABELS
from snp.days import local_day, say_instant
from snp.directory import service as directory
from snp.errors import InvalidValue
from snp.platform.keys import Keys

router = APIRouter(include_in_schema=False)

WHY: Final = "inscription ouverte sur la liste médecin traitant"
BY_HAND: Final = tuple(reason for reason in words.CLOSINGS if reason is not CloseReason.AGED_OUT)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A practice that was asked."""

    at: str
    practice: str
    answer: str
    note: str
    again: str


def show(
    *,
    entry_id: UUID,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show an entry; its identity is opened and audited."""
    return _page(session, post, entry_id, keys=keys, now=now, info=info)


def record_call(
    *, entry_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Record a practice that was asked and what it answered."""
    reach_of(post.actor, Action.MT_FOLLOW)
    reading = read_call(form.texts)
    errors = reading.errors
    if reading.value is not None:
        try:
            with session.begin_nested():
                register.record_call(session, entry_id, reading.value, keys=keys, by=post.actor, now=now)
        except InvalidValue as fault:
            errors = fault_of(fault)
        except EntryMoved:
            return see(f"{post.here}/{entry_id}", info="mt-deja-fait")
        else:
            return see(f"{post.here}/{entry_id}", info="mt-note")
    return _page(session, post, entry_id, keys=keys, now=now, errors=errors, typed=form.texts)


def correct(
    *, entry_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Write the situation anew."""
    reach_of(post.actor, Action.MT_FOLLOW)
    reading = read_circumstances(form.texts)
    errors = reading.errors
    if reading.value is not None:
        try:
            with session.begin_nested():
                register.correct_entry(session, entry_id, reading.value, by=post.actor, now=now)
        except InvalidValue as fault:
            errors = fault_of(fault)
        except EntryMoved:
            return see(f"{post.here}/{entry_id}", info="mt-deja-fait")
        else:
            return see(f"{post.here}/{entry_id}", info="mt-note")
    return _page(session, post, entry_id, keys=keys, now=now, errors=errors, situation=form.texts)


def contact(
    *, entry_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Write anew how the person is reached."""
    reach_of(post.actor, Action.MT_FOLLOW)
    phone, email = form.texts.get("telephone") or None, form.texts.get("courriel") or None
    errors: Errors = {}
    try:
        with session.begin_nested():
            register.correct_contact(
                session, entry_id, phone=phone, email=email, keys=keys, by=post.actor, now=now
            )
    except InvalidValue as fault:
        errors = fault_of(fault)
    except AlreadyOnTheList:
        errors = {"telephone": "Une autre inscription a déjà ce nom et ce contact"}
    except EntryMoved:
        return see(f"{post.here}/{entry_id}", info="mt-deja-fait")
    else:
        return see(f"{post.here}/{entry_id}", info="mt-note")
    return _page(session, post, entry_id, keys=keys, now=now, errors=errors, reached=form.texts)


def reconfirm(*, entry_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """The person says that he still looks for a médecin traitant."""
    reach_of(post.actor, Action.MT_FOLLOW)
    try:
        with session.begin_nested():
            register.reconfirm(session, entry_id, by=post.actor, now=now)
    except EntryMoved:
        return see(f"{post.here}/{entry_id}", info="mt-deja-fait")
    return see(f"{post.here}/{entry_id}", info="mt-note")


def close(
    *, entry_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Take the person off the list."""
    reach_of(post.actor, Action.MT_FOLLOW)
    reason = form.texts.get("fin", "")
    if reason not in {str(one) for one in BY_HAND}:
        return see(f"{post.here}/{entry_id}", info="mt-fin")
    try:
        with session.begin_nested():
            register.close_entry(session, entry_id, CloseReason(reason), by=post.actor, now=now)
    except EntryMoved:
        return see(f"{post.here}/{entry_id}", info="mt-deja-fait")
    return see(post.here, info="mt-clos")


def back(*, entry_id: UUID, _act: str, post: PostDep) -> RedirectResponse:
    """Return to an entry: the addresses of its forms are only sent to."""
    return see(f"{post.here}/{entry_id}")


for _base in (CONSOLE, DESK):
    router.add_api_route(f"{_base}/{{entry_id}}", show, methods=["GET"])
    router.add_api_route(f"{_base}/{{entry_id}}/appel", record_call, methods=["POST"])
    router.add_api_route(f"{_base}/{{entry_id}}/situation", correct, methods=["POST"])
    router.add_api_route(f"{_base}/{{entry_id}}/contact", contact, methods=["POST"])
    router.add_api_route(f"{_base}/{{entry_id}}/toujours", reconfirm, methods=["POST"])
    router.add_api_route(f"{_base}/{{entry_id}}/clore", close, methods=["POST"])
    router.add_api_route(f"{_base}/{{entry_id}}/{{_act}}", back, methods=["GET"])


def _page(
    session: Session,
    post: Post,
    entry_id: UUID,
    *,
    keys: Keys,
    now: datetime,
    info: str | None = None,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    situation: Mapping[str, str] | None = None,
    reached: Mapping[str, str] | None = None,
) -> Response:
    by = post.actor
    scored = register.get_entry(session, entry_id, by=by, now=now)
    entry = scored.entry
    calls = register.practice_calls(session, entry_id, keys=keys, why=WHY, by=by, now=now)
    alike = register.look_alikes(session, entry) if post.at_console else []
    person = _person(session, post, entry, keys, now)
    wrong = "situation" if situation is not None else "contact" if reached is not None else "call"
    return render(
        "mt_list/entry.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        here=f"{post.here}/{entry_id}",
        number=entry.number,
        state=STATE_LABELS[entry.state],
        tone=words.TONES.get(entry.state, ""),
        person=person,
        since=words.since(entry.waiting_since, now) if entry.waiting_since else "",
        origin=words.ORIGINS[entry.origin],
        next_call=f"{entry.next_call_on:%d/%m/%Y}" if entry.next_call_on else "",
        reachable=entry.reachable,
        points=scored.points,
        total=scored.total,
        calls=[_asked(session, one, now) for one in calls],
        consents=[
            f"{'Donné' if one.given else 'Retiré'} {say_instant(one.at)}, texte {one.text_version}"
            for one in register.consents(session, entry_id, by=by, now=now)
        ],
        story=[
            {
                "what": words.MOVES[move.move],
                "at": say_instant(move.at),
                "who": ROLES.get(move.role, move.role),
                "reasons": [reason.sentence for reason in move.reasons],
            }
            for move in register.story(session, entry_id, by=by, now=now)
        ],
        alike=[(one.id, one.number) for one in alike],
        live=entry.state in LIVE,
        listed=entry.state in ON_THE_LIST,
        answers=words.options(words.ANSWERS),
        refusals=words.options(words.REFUSALS, nothing="—"),
        closings=words.options({code: words.CLOSINGS[code] for code in BY_HAND}),
        errors=errors or {},
        wrong=wrong if errors else "",
        reached=dict(reached)
        if reached is not None
        else {"telephone": person.get("phone", ""), "courriel": person.get("email", "")},
        typed=dict(typed or {}),
        situation=dict(situation) if situation is not None else _situation(entry),
    )


def _person(session: Session, post: Post, entry: EntryView, keys: Keys, now: datetime) -> dict[str, Any]:
    """Return who it is, opened and audited; nothing once erased."""
    people = register.read_people(session, [entry.id], keys=keys, why=WHY, by=post.actor, now=now)
    shown = people.get(entry.id)
    if shown is None:
        return {}
    commune = directory.get_commune(session, shown.traits.insee)
    return {
        "name": wording.full_name(shown.traits),
        "born": wording.born(shown.traits),
        "age": wording.age(shown.traits.birth_date, local_day(now)),
        "phone": wording.phone(shown.traits.phone),
        "email": shown.email or "",
        "commune": commune.name,
    }


def _asked(session: Session, one: PracticeCallView, now: datetime) -> AskedRow:
    named = one.practice or ""
    if one.practitioner_id is not None:
        named = directory.get_practitioner(session, one.practitioner_id, now=now).full_name
    answer = words.ANSWERS[one.answer]
    reason = f" : {words.REFUSALS[one.reason].lower()}" if one.reason else ""
    return AskedRow(
        at=say_instant(one.at),
        practice=named or "Cabinet (nom effacé)",
        answer=f"{answer}{reason}",
        note=one.note or "",
        again=f"{one.next_call_on:%d/%m/%Y}" if one.next_call_on else "",
    )


def _situation(entry: EntryView) -> dict[str, str]:
    return {
        "ald": YES if entry.ald else "",
        "domicile": YES if entry.housebound else "",
        "terme": f"{entry.pregnant_until:%d/%m/%Y}" if entry.pregnant_until else "",
        "sortie": f"{entry.discharged_on:%d/%m/%Y}" if entry.discharged_on else "",
    }
