"""The use cases of the live policy: prices, promises made and kept, the waiting list, explanations."""

from __future__ import annotations

from regulation.live.service.explaining import explain
from regulation.live.service.fairness import fairness
from regulation.live.service.keeping import keep_promises
from regulation.live.service.pricing import list_prices, prices_due, refresh_prices
from regulation.live.service.promising import list_promises, promise
from regulation.live.service.waiting import serve_waiting, waiting_list, waiting_page

__all__ = [
    "explain",
    "fairness",
    "keep_promises",
    "list_prices",
    "list_promises",
    "prices_due",
    "promise",
    "refresh_prices",
    "serve_waiting",
    "waiting_list",
    "waiting_page",
]
