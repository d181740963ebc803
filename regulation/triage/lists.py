"""The lists that ship with the service: counter (pharmacies, nurse practices) and physio, by version."""

from __future__ import annotations

from datetime import date

from regulation.triage.facts import DeskKind, DeskList, DeskReason


def counter_list(on: date) -> DeskList:
    """The list of the pharmacy and nurse desk in force on a local day."""
    raise NotImplementedError


def physio_list(on: date) -> DeskList:
    """The list of the professionals' desk for physiotherapists in force on a local day."""
    raise NotImplementedError


def reasons_for(desk_list: DeskList, desk: DeskKind) -> tuple[DeskReason, ...]:
    """The reasons of a list that a kind of desk may handle, in the list's order."""
    return tuple(reason for reason in desk_list.reasons if desk in reason.desks)
