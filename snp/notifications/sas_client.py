"""Talks to the national SAS platform about appointments (INT_R03), inside mutual TLS. Knows no appointment.

The first word of an appointment is a creation; every other one, and every repetition, is a conditional
update, which the platform takes as a creation where it knows nothing yet (`updateCreate`): saying it twice
changes nothing.
Source: ANS, SAS guide, INT_R03: POST answers 201, PUT answers 200; 400 malformed, 422 business rule.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from snp.notifications.facts import Delivered, Outcome, Refused, Retry
from snp.notifications.retry_after import retry_after

MEDIA_TYPE: Final = "application/fhir+json"
LARGEST_ANSWER: Final = 64 * 1024
_ISSUE: Final = re.compile(r"[a-z][a-z-]{0,39}")
_EXISTS: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})
_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_DOOR: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
)
"""Our certificate or address is not what the platform expects: no message is to blame."""


def client_tls(*, certificate: Path, key: Path, password: str | None, ca: Path | None) -> ssl.SSLContext:
    """Return the TLS terms: 1.2 at least, our certificate shown, theirs proven by `ca` (unset: the system's).

    Raises `OSError` or `ssl.SSLError` for files that cannot be read or do not fit together.
    """
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key, password or "")  # None would ask the terminal
    return context


class SasClient:
    """The platform's `Appointment` endpoint. Threads may share it."""

    def __init__(self, base_url: str, tls: ssl.SSLContext, *, timeout_seconds: float) -> None:
        self._client = httpx.Client(
            base_url=f"{base_url.rstrip('/')}/",
            verify=tls,
            timeout=timeout_seconds,
            headers={"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE},
        )

    def tell(self, resource: Mapping[str, Any], *, criterion: str, first: bool) -> Outcome:
        """Create (`first`) or conditionally update what `criterion` (`system|value`) names."""
        method, params = ("POST", None) if first else ("PUT", {"identifier": criterion})
        try:
            with self._client.stream(
                method, "Appointment", params=params, content=orjson.dumps(resource)
            ) as response:
                return _outcome(response)
        except httpx.TimeoutException:
            return Retry("timeout", channel_down=True)
        except httpx.ConnectError as error:
            return Retry("tls" if "SSL" in str(error) else "connect", channel_down=True)
        except httpx.HTTPError:
            return Retry("connection", channel_down=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _outcome(response: httpx.Response) -> Outcome:
    status = response.status_code
    reason = f"http-{status}"
    after = retry_after(response.headers.get("retry-after"), date=response.headers.get("date"))
    if response.is_success:
        return Delivered()
    if status in _EXISTS:
        return Retry(reason)
    if status in _LATER:
        return Retry(reason, after, channel_down=True)
    if status in _DOOR or not response.is_error:
        return Retry(reason, after, channel_down=True)
    if response.is_server_error:
        return Retry(reason, after, channel_down=status != HTTPStatus.INTERNAL_SERVER_ERROR)
    issue = _issue(response)
    return Refused(f"{reason}:{issue}" if issue else reason)


def _issue(response: httpx.Response) -> str | None:
    """Return the code of the first issue of an OperationOutcome; its texts may quote anything."""
    text = b""
    for chunk in response.iter_bytes():
        text += chunk
        if len(text) > LARGEST_ANSWER:
            return None
    try:
        code = orjson.loads(text)["issue"][0]["code"]
    except (ValueError, LookupError, TypeError):
        return None
    return code if isinstance(code, str) and _ISSUE.fullmatch(code) else None
