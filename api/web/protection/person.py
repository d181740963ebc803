"""A person's rights: what is kept of him, on paper or as a file; put right; forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import RedirectResponse, Response

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.persons import service as persons
from api.persons.kept import Asked
from api.web.forms import capital_reason, parse_birth_date
from api.web.protection.visits import ProtectionDep
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.intake import service as intake
from regulation.intake.facts import PatientTraits, Sex
from regulation.intake.rules import STATE_LABELS
from snp.days import local, local_day
from snp.errors import InvalidValue, NotFound

router = APIRouter(prefix="/protection/personne", include_in_schema=False)

_NO_WHY: Final = "Dites pourquoi, par exemple : demande écrite du 24 novembre"


@router.get("")
def ask(
    *,
    visit: ProtectionDep,
    session: SessionDep,
    now: NowDep,
    dossier: Annotated[str, Query(max_length=40)] = "",
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Ask for whom, by a number of dossier that the person was given, and why."""
    del now, session
    return render("protection/ask.html", visit=visit, info=info, typed={"dossier": dossier})


@router.post("")
def show(
    *, visit: ProtectionDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Show all that is kept of the person. A form that is sent, so that no reason stays in an address."""
    typed = form.texts
    errors: dict[str, str] = {}
    if not typed.get("motif"):
        errors["motif"] = _NO_WHY
    try:
        request = intake.request_of_number(session, typed.get("dossier", ""), by=visit.actor, now=now)
    except NotFound:
        errors["dossier"] = "Aucun dossier de ce numéro dans votre territoire"
    if errors:
        return render("protection/ask.html", visit=visit, status=422, typed=typed, errors=errors)
    asked = Asked(session, request.patient_id, keys, typed["motif"], visit.actor, now)
    return _page(visit, asked, typed={})


@router.post("/{patient_id}/fichier")
def download(
    *,
    patient_id: UUID,
    visit: ProtectionDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Return all that is kept of the person as a file that a machine reads too (RGPD, art. 20)."""
    record = persons.record_of(Asked(session, patient_id, keys, _why(form.texts), visit.actor, now))
    return Response(
        orjson.dumps(jsonable_encoder(record), option=orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="donnees-{patient_id}.json"'},
    )


@router.post("/{patient_id}/rectifier")
def rectify(
    *,
    patient_id: UUID,
    visit: ProtectionDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Put right who the person is."""
    typed = form.texts
    asked = Asked(session, patient_id, keys, _why(typed), visit.actor, now)
    errors: dict[str, str] = {}
    born = parse_birth_date(typed.get("naissance", ""), local_day(now))
    if isinstance(born, str):
        errors["naissance"] = born
    else:
        _rectify(asked, typed, born, errors)
    if errors:
        return _page(visit, asked, typed=typed, errors=errors)
    return see("/protection/personne", info="rectifie")


@router.post("/{patient_id}/oublier")
def forget(
    *,
    patient_id: UUID,
    visit: ProtectionDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Forget who the person was; twice forgets once."""
    persons.forget(Asked(session, patient_id, keys, _why(form.texts), visit.actor, now))
    return see("/protection/personne", info="oublie")


def _why(typed: Mapping[str, str]) -> str:
    """The reason that the page carries on from where it was typed."""
    why = typed.get("motif", "")
    if not why:
        raise InvalidValue("motif", _NO_WHY)
    return why


def _rectify(asked: Asked, typed: Mapping[str, str], born: date, errors: dict[str, str]) -> None:
    sex = typed.get("sexe", "")
    traits = PatientTraits(
        family_name=typed.get("nom", ""),
        given_name=typed.get("prenom", ""),
        birth_date=born,
        sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN,
        insee=typed.get("insee", ""),
        phone=typed.get("telephone") or None,
    )
    try:
        with asked.session.begin_nested():
            persons.rectify(asked, traits)
    except InvalidValue as fault:
        errors[_FIELDS.get(str(fault.fields["field"]), "nom")] = capital_reason(fault)


_FIELDS: Final = {"family_name": "nom", "given_name": "prenom", "phone": "telephone", "insee": "insee"}


def _page(
    visit: PageVisit, asked: Asked, *, typed: Mapping[str, str], errors: dict[str, str] | None = None
) -> Response:
    record = persons.record_of(asked)
    return render(
        "protection/person.html",
        visit=visit,
        status=422 if errors else 200,
        patient_id=asked.patient_id,
        why=asked.why,
        forgotten=record["forgotten_at"] is not None,
        identity=record["identity"],
        requests=[_request(one) for one in record["requests"]],
        others=_others(record),
        accesses=len(record["accesses"]),
        typed=typed or _typed(record["identity"]),
        errors=errors or {},
    )


def _typed(identity: dict[str, Any]) -> dict[str, str]:
    return {
        "nom": identity["family_name"],
        "prenom": identity["given_name"],
        "naissance": identity["birth_date"].strftime("%d/%m/%Y"),
        "sexe": identity["sex"],
        "insee": identity["insee"],
        "telephone": identity["phone"] or "",
    }


def _request(one: dict[str, Any]) -> dict[str, str]:
    return {
        "number": one["number"],
        "when": local(one["opened_at"]).strftime("%d/%m/%Y %H:%M"),
        "state": STATE_LABELS[one["state"]],
        "reason": one["reason"] or "",
        "steps": str(len(one["story"])),
    }


def _others(record: dict[str, Any]) -> list[tuple[str, int]]:
    """How much the other holders keep, by name."""
    known = {"identity", "requests", "accesses"}
    return [
        (wording_of(name), len(kept))
        for name, kept in record.items()
        if isinstance(kept, list) and name not in known
    ]


def wording_of(holder: str) -> str:
    """The name of a holder for people."""
    return _HOLDERS.get(holder, holder)


_HOLDERS: Final = {
    "appointments": "Rendez-vous",
    "series": "Séries de kinésithérapie",
    "mt_list": "Inscriptions sur la liste médecin traitant",
    "reminders": "Choix de rappel",
    "rights_asked": "Demandes sur ses données",
}
