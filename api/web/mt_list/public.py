"""The public page of the list: sign up without an account, then act from the link of one's message.

Whoever types gets the same answer, whether the person is on the list or not. The link shows no name; reading
it changes nothing. Its forms need no token: who cannot read the address cannot send them (ADR 66).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import AllowPatient, KeysDep, NowDep, SessionDep, same_origin, same_origin_untold
from api.security.rights import Action
from api.web import wording
from api.web.agenda.slot_call import UNTOLD
from api.web.desk_views import Option, commune_label
from api.web.forms import Errors
from api.web.mt_list import words
from api.web.mt_list.forms import PersonRead, fault_of, read_person
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from api.wiring import wiring_of
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import Consent, PickView, SignedAnswer, SignUp
from regulation.medecin_traitant.register.refusals import EntryMoved
from regulation.medecin_traitant.register.rules import CONSENT_TEXT, CONSENT_VERSION, STATE_LABELS
from snp.days import local_day, say_day
from snp.directory import service as directory
from snp.directory.facts import SiteFilter
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor

router = APIRouter(prefix="/medecin-traitant", include_in_schema=False)

PersonDep = Annotated[Actor, Depends(AllowPatient(Action.MT_BY_LINK))]
Secret = Annotated[str, Path(max_length=80)]
InfoQuery = Annotated[str | None, Query(max_length=40)]
_MOMENT: Final = timedelta(seconds=1)
"""`call_by` is the midnight after the last day: what is told is that day."""
NO_LIST: Final = "Aucune CPTS ne tient de liste ici pour cette commune"


@router.get("")
def ask(*, _person: PersonDep) -> Response:
    """Show the form."""
    return _form({})


@router.post("", dependencies=[Depends(same_origin)])
def sign_up(
    *,
    request: Request,
    person: PersonDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Take the form in; a whole one always gets the same answer. Raises `TooManyRequests`."""
    tries, address = wiring_of(request).sign_ups, request.client.host if request.client else ""
    tries.take(address, now)
    typed = form.texts
    read, errors, communes = read_person(session, typed, local_day(now), person, must_reach=True)
    if read is not None:
        covering = directory.territories_covering(session, read.traits.insee)
        if not covering:
            return _form(typed, {"commune": NO_LIST})
        try:
            with session.begin_nested():
                register.sign_up(session, _typed(read, covering[0].id), keys=keys, by=person, now=now)
        except InvalidValue as fault:
            errors = fault_of(fault)
        else:
            return see("/medecin-traitant/envoye")
    choices = [Option(one.insee, commune_label(one)) for one in communes]
    return _form(typed, errors, choices)


@router.get("/envoye")
def sent(*, _person: PersonDep) -> Response:
    """Say that a message left, if there was one to send."""
    return render("mt_list/sent.html")


@router.get("/{secret}")
def show(
    *,
    secret: Secret,
    _person: PersonDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: InfoQuery = None,
) -> Response:
    """Show where one stands on the list; no name."""
    try:
        scored, pick = register.see(session, secret, keys=keys, now=now)
    except NotFound:
        return render("mt_list/gone.html", status=404, headers=UNTOLD)
    entry = scored.entry
    if entry.erased_at is not None:
        return render("mt_list/gone.html", status=410, headers=UNTOLD, info=info)
    return render(
        "mt_list/person.html",
        headers=UNTOLD,
        info=info,
        here=f"/medecin-traitant/{secret}",
        state=entry.state.value,
        label=STATE_LABELS[entry.state],
        since=words.since(entry.waiting_since, now) if entry.waiting_since else "",
        points=scored.points,
        total=scored.total,
        practice=_practice(session, pick, now) if pick else None,
        called=pick is not None and pick.called_at is not None,
        consent=CONSENT_TEXT,
    )


@router.post("/{secret}/{act}", dependencies=[Depends(same_origin_untold)])
def act_on(
    *, secret: Secret, act: str, person: PersonDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> RedirectResponse:
    """Confirm, stay, withdraw, decline, or answer whether the declaration is signed; twice is once."""
    done = _ACTS.get(act)
    if done is None:
        raise NotFound("page", act)
    use, info = done
    try:
        with session.begin_nested():
            use(session, secret, keys=keys, by=person, now=now)
    except EntryMoved:
        info = "mt-deja-fait"
    except NotFound:
        info = ""
    gone = see(f"/medecin-traitant/{secret}", info=info or None)
    gone.headers.update(UNTOLD)
    return gone


@router.get("/{secret}/{_act}")
def back(*, secret: Secret, _act: str) -> RedirectResponse:
    """Return to the page of the link: the addresses of its forms are only sent to."""
    return see(f"/medecin-traitant/{secret}")


def _answer(answer: SignedAnswer) -> Any:
    def say(session: Session, secret: str, **frame: Any) -> None:
        register.answer_signed(session, secret, answer, **frame)

    return say


_ACTS: Final[dict[str, tuple[Any, str]]] = {
    "confirmer": (register.confirm, "mt-confirme"),
    "toujours": (register.stay, "mt-toujours"),
    "retirer": (register.withdraw, "mt-retire"),
    "refuser": (register.decline, "mt-refuse"),
    "signee": (_answer(SignedAnswer.YES), "mt-signee"),
    "pas-encore": (_answer(SignedAnswer.NOT_YET), "mt-note"),
    "non": (_answer(SignedAnswer.NO), "mt-refuse"),
}


def _typed(read: PersonRead, territory_id: Any) -> SignUp:
    return SignUp(
        territory_id=territory_id,
        patient=read.traits,
        consent=Consent(CONSENT_VERSION, read.by_representative),
        circumstances=read.circumstances,
        email=read.email,
    )


def _form(typed: Any, errors: Errors | None = None, choices: list[Option] | None = None) -> Response:
    return render(
        "mt_list/sign_up.html",
        status=422 if errors else 200,
        typed=dict(typed),
        errors=errors or {},
        commune_choices=choices or [],
        sex_options=words.SEX_OPTIONS,
        consent=CONSENT_TEXT,
    )


def _practice(session: Session, pick: PickView, now: datetime) -> dict[str, str]:
    carer = directory.get_practitioner(session, pick.practitioner_id, now=now)
    sites = directory.list_sites(session, SiteFilter(practitioner_id=carer.id), limit=1, now=now).items
    place = f"{sites[0].name}, {sites[0].address}, {sites[0].postal_code} {sites[0].city}" if sites else ""
    return {
        "name": carer.full_name,
        "place": place,
        "phone": wording.phone(sites[0].phone if sites else None),
        "until": say_day(local_day(pick.call_by - _MOMENT)),
    }
