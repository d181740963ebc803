"""The use cases of the list of people without a médecin traitant. Never commits.

Professionals act under their rights, practices on their own places and picks, people through their link.
Every touch of an identity is audited.
"""

from __future__ import annotations

from regulation.medecin_traitant.register.service.by_link import (
    answer_signed,
    confirm,
    decline,
    link_text,
    see,
    stay,
    withdraw,
)
from regulation.medecin_traitant.register.service.counting import register_figures
from regulation.medecin_traitant.register.service.following import (
    CLOSE_LABELS,
    close_entry,
    reconfirm,
    record_call,
)
from regulation.medecin_traitant.register.service.picking import (
    BY_PRACTICE,
    OUTCOME_LABELS,
    give_back,
    list_picks,
    pick,
    read_picked,
    record_called,
    record_signed,
)
from regulation.medecin_traitant.register.service.places import (
    DOCTORS,
    close_places,
    declare_places,
    list_cards,
    list_places,
    places_of_territory,
)
from regulation.medecin_traitant.register.service.reading import (
    consents,
    entry_of_request,
    get_entry,
    list_entries,
    practice_calls,
    read_people,
    story,
)
from regulation.medecin_traitant.register.service.resealing import reseal_register
from regulation.medecin_traitant.register.service.rights import (
    EntryRecord,
    entries_of_person,
    forget_entries,
    record_of_entries,
)
from regulation.medecin_traitant.register.service.settings import (
    SettingInForce,
    change_settings,
    register_settings,
)
from regulation.medecin_traitant.register.service.signing_up import (
    add_entry,
    add_from_request,
    correct_contact,
    correct_entry,
    look_alikes,
    sign_up,
)
from regulation.medecin_traitant.register.service.tending import UNITS

__all__ = [
    "BY_PRACTICE",
    "CLOSE_LABELS",
    "DOCTORS",
    "OUTCOME_LABELS",
    "UNITS",
    "EntryRecord",
    "SettingInForce",
    "add_entry",
    "add_from_request",
    "answer_signed",
    "change_settings",
    "close_entry",
    "close_places",
    "confirm",
    "consents",
    "correct_contact",
    "correct_entry",
    "declare_places",
    "decline",
    "entries_of_person",
    "entry_of_request",
    "forget_entries",
    "get_entry",
    "give_back",
    "link_text",
    "list_cards",
    "list_entries",
    "list_picks",
    "list_places",
    "look_alikes",
    "pick",
    "places_of_territory",
    "practice_calls",
    "read_people",
    "read_picked",
    "reconfirm",
    "record_call",
    "record_called",
    "record_of_entries",
    "record_signed",
    "register_figures",
    "register_settings",
    "reseal_register",
    "see",
    "sign_up",
    "stay",
    "story",
    "withdraw",
]
