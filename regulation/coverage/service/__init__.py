"""The use cases of coverage; other packages import them from here. Never commits, never sends."""

from regulation.coverage.service.answering import (
    accept,
    ask_of,
    ask_page,
    asks,
    find_ask,
    say,
    secret_of,
)
from regulation.coverage.service.calling import (
    call_of,
    cancel_call,
    list_calls,
    open_call,
    outcome,
    preview,
)
from regulation.coverage.service.keeping import ask_on, close_calls, open_due
from regulation.coverage.service.looking import board, refresh, refresh_due, soonest

__all__ = [
    "accept",
    "ask_of",
    "ask_on",
    "ask_page",
    "asks",
    "board",
    "call_of",
    "cancel_call",
    "close_calls",
    "find_ask",
    "list_calls",
    "open_call",
    "open_due",
    "outcome",
    "preview",
    "refresh",
    "refresh_due",
    "say",
    "secret_of",
    "soonest",
]
