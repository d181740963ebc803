"""One-time codes by time, and the codes that replace a lost telephone. Pure.

Source: RFC 6238 (time steps of 30 s, six digits, HMAC-SHA-1: what every authenticator application reads);
RFC 4226 §7.4 for the window.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""How many steps a telephone's clock may be off, either way."""
RECOVERY_CODES: Final = 10
ISSUER: Final = "Soins non programmés"

_DIGITS: Final = re.compile(r"[0-9]{6}")
_RECOVERY: Final = re.compile(r"[a-z2-7]{16}")
_SPACES: Final = re.compile(r"[\s-]+")


def step_of(now: datetime) -> int:
    """Return the step of time that an instant lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def accepted_step(secret: str, typed: str, *, now: datetime, last_step: int) -> int | None:
    """Return the step whose code was typed; None when it is none of the window, or no later than the last.

    Every code of the window is compared, in constant time each. `secret` is base32.
    """
    code = _SPACES.sub("", typed)
    if not _DIGITS.fullmatch(code):
        return None
    here, totp = step_of(now), pyotp.TOTP(secret)
    found = None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        is_right = hmac.compare_digest(totp.at(step * STEP_SECONDS), code)
        if is_right and step > last_step and found is None:
            found = step
    return found


def address_of(secret: str, login: str) -> str:
    """Return what an authenticator application reads from the QR code (`otpauth://totp/…`)."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def spelled(secret: str) -> str:
    """Return a secret as somebody types it: groups of four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def recovery_code(typed: str) -> str | None:
    """Return a recovery code in its one spelling; None when it has not the form of one."""
    code = _SPACES.sub("", typed).lower()
    return code if _RECOVERY.fullmatch(code) else None
