"""The lists that ship with the service, counter (pharmacies, nurse practices) and physio, by version.

Each is a JSON file beside this module, validated whole when it is first read: a list with a typing error does
not load. Several versions of a list may stand side by side; the one in force on a day is used.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

import pydantic

from regulation.triage.facts import DeskKind, DeskList, DeskReason

_FILES: Final = {"counter": ("counter-2026.1.json",), "physio": ("physio-2026.1.json",)}


class MalformedList(ValueError):
    """A list that ships with the service is not one: a fault of ours, never a refusal to a user."""


def counter_list(on: date) -> DeskList:
    """The list of the pharmacy and nurse desk in force on a local day."""
    return _in_force("counter", on)


def physio_list(on: date) -> DeskList:
    """The list of the professionals' desk for physiotherapists in force on a local day."""
    return _in_force("physio", on)


def reasons_for(desk_list: DeskList, desk: DeskKind) -> tuple[DeskReason, ...]:
    """The reasons of a list that a kind of desk may handle, in the list's order."""
    return tuple(reason for reason in desk_list.reasons if desk in reason.desks)


def parse_list(text: str | bytes) -> DeskList:
    """Read one list; raises `MalformedList` naming what is wrong."""
    try:
        parsed = _ADAPTER.validate_json(text, extra="forbid")
    except pydantic.ValidationError as error:
        raise MalformedList(str(error)) from error
    _check(parsed)
    return parsed


def _check(parsed: DeskList) -> None:
    codes = [reason.code for reason in parsed.reasons]
    if len(codes) != len(set(codes)):
        raise MalformedList(f"{parsed.name}: a reason stands twice")
    for reason in parsed.reasons:
        where = f"{parsed.name}, {reason.code}"
        test = reason.pharmacist_test
        signs = [*parsed.general_red_flags, *reason.red_flags, *(test.refer_out if test else ())]
        if len({sign.code for sign in signs}) != len(signs):
            raise MalformedList(f"{where}: a sign stands twice")
        if not reason.desks or not reason.professions or not reason.modes or not reason.sexes:
            raise MalformedList(f"{where}: desks, professions, modes and sexes may not be empty")
        if reason.delay_h < 1 or not 1 <= reason.sessions <= 3:
            raise MalformedList(f"{where}: delay or sessions out of range")


@cache
def _versions(name: str) -> tuple[DeskList, ...]:
    folder = files("regulation.triage") / "data"
    return tuple(parse_list((folder / file).read_bytes()) for file in _FILES[name])


def _in_force(name: str, on: date) -> DeskList:
    """The latest version valid on a day; before the first one, the first."""
    versions = sorted(_versions(name), key=lambda version: version.valid_from)
    return next((v for v in reversed(versions) if v.valid_from <= on), versions[0])


_ADAPTER: Final = pydantic.TypeAdapter(DeskList)
