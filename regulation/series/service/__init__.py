"""The use cases of a series of physiotherapy, by act; doors import them from here. Never commits.

A request is locked before its series, and both before slots, in order of id. Carers see the series that they
hold, stand in for, are offered, or brought; a coordinator sees counts.
"""

from regulation.series.service.following import CHOICES, choices, choose_by_patient, close_series
from regulation.series.service.passing import (
    Offered,
    accept_pass,
    decline_pass,
    offer_of,
    offers_to,
    propose_pass,
    withdraw_pass,
)
from regulation.series.service.planning import add_session, addable_slots, cancel_rest, other_slots
from regulation.series.service.reading import (
    card_by_link,
    figures,
    get_series,
    holds,
    list_brought,
    list_held,
    read_patients,
    story,
)
from regulation.series.service.relaying import (
    declare_relay,
    end_relay,
    list_relays,
    relay_slots,
    sessions_to_take,
    take_session,
)
from regulation.series.service.rights import forget_sheets, series_of_person
from regulation.series.service.settings import (
    change_template,
    get_physio_terms,
    get_template,
    list_templates,
    set_physio_terms,
    template_history,
)
from regulation.series.service.sheets import (
    address_for_sheet,
    has_finished_sheet,
    read_by_patient,
    read_sheet,
    reseal_sheets,
    sheet_to_write,
    write_sheet,
)
from regulation.series.service.upkeep import ask_for_sheets, close_due, sheet_due_at

__all__ = [
    "CHOICES",
    "Offered",
    "accept_pass",
    "add_session",
    "addable_slots",
    "address_for_sheet",
    "ask_for_sheets",
    "cancel_rest",
    "card_by_link",
    "change_template",
    "choices",
    "choose_by_patient",
    "close_due",
    "close_series",
    "declare_relay",
    "decline_pass",
    "end_relay",
    "figures",
    "forget_sheets",
    "get_physio_terms",
    "get_series",
    "get_template",
    "has_finished_sheet",
    "holds",
    "list_brought",
    "list_held",
    "list_relays",
    "list_templates",
    "offer_of",
    "offers_to",
    "other_slots",
    "propose_pass",
    "read_by_patient",
    "read_patients",
    "read_sheet",
    "relay_slots",
    "reseal_sheets",
    "series_of_person",
    "sessions_to_take",
    "set_physio_terms",
    "sheet_due_at",
    "sheet_to_write",
    "story",
    "take_session",
    "template_history",
    "withdraw_pass",
    "write_sheet",
]
