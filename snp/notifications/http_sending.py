"""Sends one HTTP request of a channel and reads its answer as an outcome of the outbox.

Follows no redirect: what is sent was meant for one address. Reads no body: it may quote anything.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import httpx

from snp.notifications.facts import Delivered, Outcome, Refused, Retry
from snp.notifications.retry_after import retry_after

_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_DOOR: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""Our token or address is not what the other side expects: no message is to blame."""


def send(request: httpx.Request, *, channel: str, timeout_seconds: float) -> Outcome:
    """Send a request; a success is a delivery, what is wrong with one message alone is a refusal."""
    try:
        with (
            httpx.Client(timeout=timeout_seconds, follow_redirects=False) as client,
            client.stream(
                request.method, request.url, content=request.content, headers=request.headers
            ) as answer,
        ):
            return _outcome(answer)
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        return Retry(f"{channel}:{type(fault).__name__}", channel_down=True)


def _outcome(answer: httpx.Response) -> Outcome:
    reason = f"http-{answer.status_code}"
    if answer.is_success:
        return Delivered()
    after = retry_after(answer.headers.get("retry-after"), date=answer.headers.get("date"))
    if answer.status_code in _LATER | _DOOR or answer.is_server_error or not answer.is_error:
        return Retry(reason, after, channel_down=answer.status_code != HTTPStatus.INTERNAL_SERVER_ERROR)
    return Refused(reason)
