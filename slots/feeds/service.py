"""The use cases of calendars, by act; other packages import them from here. Never commits."""

from slots.feeds.hiding import absences_of_calendars, align, practitioners_to_align
from slots.feeds.importing import (
    calendars_due,
    forget_calendar,
    import_calendar,
    list_calendars,
    refresh,
    reseal_addresses,
    store_fault,
    store_refreshed,
)
from slots.feeds.publishing import close_feed, feed_by_secret, feed_of, open_feed
from slots.feeds.telling import entries_of

__all__ = [
    "absences_of_calendars",
    "align",
    "calendars_due",
    "close_feed",
    "entries_of",
    "feed_by_secret",
    "feed_of",
    "forget_calendar",
    "import_calendar",
    "list_calendars",
    "open_feed",
    "practitioners_to_align",
    "refresh",
    "reseal_addresses",
    "store_fault",
    "store_refreshed",
]
