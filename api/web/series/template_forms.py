"""The form of a template, for a coordinator and for a physiotherapist. Decides nothing about care."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.web import forms
from api.web.forms import Errors, whole
from regulation.series import service as series
from regulation.series.facts import Section, Template
from regulation.series.rules import LONGEST_TEXT, SECTIONS
from snp.days import say_instant
from snp.errors import Conflict, InvalidValue
from snp.platform.actors import Actor

_DAYS = {"min_gap_days": "ecart_min", "max_gap_days": "ecart_max"}


def typed_of(template: Template) -> dict[str, str]:
    """Return a template as the fields of its form."""
    typed = {
        "revision": str(template.revision),
        "ecart_min": str(template.min_gap_days),
        "ecart_max": str(template.max_gap_days),
    }
    for one in template.sections:
        typed |= {f"titre_{one.code}": one.label, f"aide_{one.code}": one.hint, f"texte_{one.code}": one.text}
    return typed


def facts_of(session: Session, territory_id: UUID, indication: str, *, by: Actor) -> dict[str, Any]:
    """Return what the page of a template shows beside its fields. Raises `NotFound`."""
    history = series.template_history(session, territory_id, indication, by=by)
    return {
        "label": history[0].label,
        "codes": SECTIONS,
        "longest": LONGEST_TEXT,
        "revisions": [
            (one.revision, say_instant(one.created_at, year=True) if one.created_at else "")
            for one in history
        ],
    }


def change(
    session: Session,
    territory_id: UUID,
    indication: str,
    typed: Mapping[str, str],
    *,
    with_days: bool,
    by: Actor,
    now: datetime,
) -> Errors:
    """Write a revision; what must be revised, nothing when it is written. Raises `NotFound`."""
    errors: Errors = {}
    days = {name: _number(typed.get(field, ""), field, errors) for name, field in _DAYS.items()}
    if not with_days:
        days, errors = dict.fromkeys(_DAYS), {}
    sections = [
        Section(
            code,
            typed.get(f"titre_{code}", ""),
            typed.get(f"aide_{code}", ""),
            typed.get(f"texte_{code}", ""),
        )
        for code in SECTIONS
    ]
    revision = typed.get("revision", "")
    if errors:
        return errors
    try:
        with session.begin_nested():
            series.change_template(
                session,
                territory_id,
                indication,
                sections,
                **days,
                revision=whole(revision, -1),
                by=by,
                now=now,
            )
    except InvalidValue as fault:
        name = str(fault.fields["field"])
        return {_DAYS.get(name, f"titre_{name}"): forms.capital_reason(fault)}
    except Conflict:
        said = "Ce modèle vient d’être modifié par quelqu’un d’autre : rechargez la page, puis recommencez"
        return {f"titre_{SECTIONS[0]}": said}
    return {}


def _number(typed: str, field: str, errors: Errors) -> int | None:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 4):
        errors[field] = "Indiquez un nombre de jours"
        return None
    return int(typed)
