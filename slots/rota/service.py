"""The use cases of the rota, by act; other packages import them from here. Never commits.

Acts on one rota follow each other under the lock of its row. Solving happens outside any transaction.
"""

from slots.rota.exchanging import accept_swap, decline_swap, propose_swap, withdraw_swap
from slots.rota.handing import publish_due
from slots.rota.planning import (
    ask_plan,
    changes_of,
    confirm_plan,
    discard_plan,
    get_plan,
    list_plans,
    plans_due,
    problem_and_answer,
    solve_plan,
)
from slots.rota.repairing import ask_repair, broken_turns, repairs_due
from slots.rota.reporting import (
    get_offer,
    get_shift,
    get_swap,
    list_offers,
    list_shifts,
    list_swaps,
    shift_of_turn,
    taken_slots,
    turns_named,
    undecided_plan,
    why_him,
)
from slots.rota.settling import (
    change_rota,
    create_rota,
    get_rota,
    list_members,
    list_rotas,
    put_member,
    remove_member,
    set_wishes,
)
from slots.rota.volunteering import (
    accept_offer,
    decline_offer,
    offer_to_hold,
    short_shifts,
    what_keeps,
    withdraw_offer,
)

__all__ = [
    "accept_offer",
    "accept_swap",
    "ask_plan",
    "ask_repair",
    "broken_turns",
    "change_rota",
    "changes_of",
    "confirm_plan",
    "create_rota",
    "decline_offer",
    "decline_swap",
    "discard_plan",
    "get_offer",
    "get_plan",
    "get_rota",
    "get_shift",
    "get_swap",
    "list_members",
    "list_offers",
    "list_plans",
    "list_rotas",
    "list_shifts",
    "list_swaps",
    "offer_to_hold",
    "plans_due",
    "problem_and_answer",
    "propose_swap",
    "publish_due",
    "put_member",
    "remove_member",
    "repairs_due",
    "set_wishes",
    "shift_of_turn",
    "short_shifts",
    "solve_plan",
    "taken_slots",
    "turns_named",
    "undecided_plan",
    "what_keeps",
    "why_him",
    "withdraw_offer",
    "withdraw_swap",
]
