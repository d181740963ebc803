"""How long the other side of an HTTP call asks to wait. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime


def retry_after(value: str | None, *, date: str | None = None) -> timedelta | None:
    """Read a `Retry-After` header: seconds, or a date measured against the answer's own `Date`.

    None when there is none, or none that can be read. Source: RFC 9110 §10.2.3.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:12]), 10**7))
    until, since = _http_date(text), _http_date(date or "")
    if until is None or since is None:
        return None
    return max(until - since, timedelta())


def _http_date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None
