"""The use cases of the agenda, by act; other packages import them from here. Never commits.

Acts on one agenda follow each other under the lock of its practitioner's row; slots are locked in order of
id.
"""

from slots.agenda.absences import add_absence, get_absence, lift_absence, list_absences
from slots.agenda.counting import count_free, count_slots
from slots.agenda.history import ended_slots, practitioner_loads, seen_slots
from slots.agenda.offering import change_slot, get_slot, last_changes, list_slots, slot_story, withdraw_slot
from slots.agenda.publishing import publish_each, publish_range, publish_slot
from slots.agenda.rehearsing import rehearse_apart, rehearse_each
from slots.agenda.repeating import (
    edit_pattern,
    end_pattern,
    expand_pattern,
    get_pattern,
    list_patterns,
    publish_pattern,
)
from slots.agenda.searching import free_slots, free_slots_among
from slots.agenda.showing import sas_slot, sas_slots
from slots.agenda.upkeep import expand_due, patterns_due, release_due

__all__ = [
    "add_absence",
    "change_slot",
    "count_free",
    "count_slots",
    "edit_pattern",
    "end_pattern",
    "ended_slots",
    "expand_due",
    "expand_pattern",
    "free_slots",
    "free_slots_among",
    "get_absence",
    "get_pattern",
    "get_slot",
    "last_changes",
    "lift_absence",
    "list_absences",
    "list_patterns",
    "list_slots",
    "patterns_due",
    "practitioner_loads",
    "publish_each",
    "publish_pattern",
    "publish_range",
    "publish_slot",
    "rehearse_apart",
    "rehearse_each",
    "release_due",
    "sas_slot",
    "sas_slots",
    "seen_slots",
    "slot_story",
    "withdraw_slot",
]
