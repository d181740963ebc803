"""Where users find the service, for addresses that leave it: on paper, in a message, in a calendar."""

from __future__ import annotations

from fastapi import Request

from api.wiring import wiring_of


def service_address(request: Request) -> str:
    """Return the service's own address, without a slash at its end."""
    return (wiring_of(request).settings.public_url or str(request.base_url)).rstrip("/")
