"""First steps: the professionals, from a file. It is checked as a whole first; nothing is written until told.

The file waits, sealed, between its check and its writing, so that it is chosen once.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from api.deps import KeysDep, NowDep, SessionDep, WiringDep
from api.security.rights import Action, reach_of
from api.web import drafts
from api.web.coordination.visits import CoordinationDep, Post, PostDep
from api.web.first_steps.territory import page
from api.web.rendering import see
from api.wiring import Wiring
from snp.directory.importing.columns import BadFile
from snp.directory.importing.csv_file import looks_like_csv, open_csv
from snp.directory.importing.facts import ImportKind, ImportReport
from snp.directory.importing.service import import_csv
from snp.directory.importing.template import template
from snp.platform.keys import Keys

router = APIRouter(prefix="/premiers-pas/professionnels", include_in_schema=False)

SHOWN_FAULTS: Final = 50
MOST_BYTES: Final = 700_000
"""Sealed and encoded it must fit in one draft; some thousand rows do."""

_ADDRESS: Final = "/premiers-pas/professionnels"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes


async def uploaded(request: Request) -> Upload | None:
    """Return the file of the form; None when none was chosen."""
    form = await request.form()
    file = form.get("fichier")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            return None
        return Upload(Path(file.filename).name[:100], await file.read())
    finally:
        await form.close()


UploadDep = Annotated[Upload | None, Depends(uploaded)]


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Ask for the file."""
    return _page(session, post, info=info)


@router.get("/modele")
def sample(*, visit: CoordinationDep) -> Response:
    """Return a file to start from."""
    del visit
    return PlainTextResponse(
        template(ImportKind.PRACTITIONERS),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="professionnels.csv"'},
    )


@router.post("/verifier")
def check(
    *,
    post: PostDep,
    upload: UploadDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Check the whole file and say what writing it would do; nothing is written."""
    reach_of(post.actor, Action.PRACTITIONER_CREATE)
    if upload is None or not upload.content:
        return _page(session, post, fault="Choisissez un fichier CSV")
    if not looks_like_csv(upload.name, upload.content):
        return _page(session, post, fault="Ce fichier n’est pas un CSV : enregistrez la feuille en .csv")
    if len(upload.content) > MOST_BYTES:
        return _page(session, post, fault="Ce fichier est trop gros pour cette page : coupez-le en deux")
    try:
        report = _import(session, post, upload.content, dry_run=True, wiring=wiring, now=now)
    except BadFile as bad:
        return _page(session, post, fault=_without_path(bad))
    if not report.errors:
        _keep(session, post, upload, keys=keys, now=now)
    return _page(session, post, report=report, file_name=upload.name)


@router.post("/importer")
def write(*, post: PostDep, session: SessionDep, keys: KeysDep, wiring: WiringDep, now: NowDep) -> Response:
    """Write the file that was checked; sent twice, it changes nothing the second time."""
    reach_of(post.actor, Action.PRACTITIONER_CREATE)
    content = _kept(session, post, keys=keys, now=now)
    if content is None:
        return _page(session, post, fault="Choisissez le fichier à nouveau : il n’est plus gardé")
    report = _import(session, post, content, dry_run=False, wiring=wiring, now=now)
    if report.errors:  # somebody changed the directory since the check
        return _page(session, post, report=report, file_name="")
    drafts.drop_draft(session, _ident(post))
    return see(f"{_ADDRESS}?territoire={post.territory.id}&info=professionnels-importes")


def _import(
    session: Session, post: Post, content: bytes, *, dry_run: bool, wiring: Wiring, now: datetime
) -> ImportReport:
    with tempfile.NamedTemporaryFile(suffix=".csv") as kept:
        kept.write(content)
        kept.flush()
        return import_csv(
            session,
            open_csv(Path(kept.name)),
            kind=ImportKind.PRACTITIONERS,
            territory_id=post.territory.id,
            dry_run=dry_run,
            strict=wiring.settings.strict_identifiers,
            by=post.actor,
            now=now,
        )


def _keep(session: Session, post: Post, upload: Upload, *, keys: Keys, now: datetime) -> None:
    draft = drafts.start_draft(session, _ident(post), keys=keys, by=post.actor, now=now)
    encoded = base64.b64encode(upload.content).decode()
    drafts.save_draft(session, draft.typing({"fichier": encoded}), keys=keys)


def _kept(session: Session, post: Post, *, keys: Keys, now: datetime) -> bytes | None:
    draft = drafts.find_draft(session, _ident(post), keys=keys, by=post.actor, now=now)
    if draft is None:
        return None
    try:
        return base64.b64decode(draft.typed.get("fichier", ""), validate=True) or None
    except binascii.Error:
        return None


def _ident(post: Post) -> UUID:
    return uuid5(post.territory.id, f"import {post.actor.ident}")


def _without_path(bad: BadFile) -> str:
    """Return what is wrong with a file, without the name that it bore here."""
    said = str(bad)
    return said.split(" : ", 1)[-1] if said.startswith(tempfile.gettempdir()) else said


def _page(
    session: Session,
    post: Post,
    *,
    info: str | None = None,
    report: ImportReport | None = None,
    file_name: str = "",
    fault: str = "",
) -> Response:
    errors = {"fichier": fault[:1].upper() + fault[1:]} if fault else {}
    answer = page(
        session,
        post,
        "first_steps/people.html",
        "professionnels",
        info=info,
        report=report,
        faults=report.errors[:SHOWN_FAULTS] if report else (),
        file_name=file_name,
        errors=errors,
    )
    answer.status_code = 422 if fault or (report and report.errors) else 200
    return answer
