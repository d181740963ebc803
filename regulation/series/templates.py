"""The shipped templates, one for each indication of the physio list; checked when read."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

from regulation.series.facts import Section, Template
from regulation.series.rules import check_spacing, checked_sections

_FILE: Final = "templates-2026.1.json"


@cache
def shipped() -> dict[str, Template]:
    """The templates by indication, in the order in which pages list them."""
    document: dict[str, Any] = orjson.loads((files("regulation.series") / "data" / _FILE).read_bytes())
    return {one["indication"]: _template(one) for one in document["indications"]}


def sections_of(stored: list[dict[str, Any]]) -> tuple[Section, ...]:
    """Sections as they are stored."""
    return tuple(Section(one["code"], one["label"], one["hint"], one.get("text", "")) for one in stored)


def sections_to_json(sections: tuple[Section, ...], *, with_text: bool = True) -> list[dict[str, Any]]:
    """Sections ready to be stored; a sheet keeps the titles alone."""
    plain = [{"code": one.code, "label": one.label, "hint": one.hint} for one in sections]
    if with_text:
        return [kept | {"text": one.text} for kept, one in zip(plain, sections, strict=True)]
    return plain


def _template(one: dict[str, Any]) -> Template:
    check_spacing(one["min_gap_days"], one["max_gap_days"])
    return Template(
        id=None,
        indication=one["indication"],
        label=one["label"],
        revision=0,
        min_gap_days=one["min_gap_days"],
        max_gap_days=one["max_gap_days"],
        sections=checked_sections(sections_of(one["sections"])),
    )
