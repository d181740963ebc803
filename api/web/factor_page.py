"""The page that asks for the second factor, or that sets one up for a role that must have it."""

from __future__ import annotations

from datetime import datetime

from fastapi.responses import Response

from api.web.proving import Pending, proposal, sealed, with_secret
from api.web.rendering import render
from snp.platform.keys import Keys


def ask_factor(pending: Pending, *, keys: Keys, now: datetime, fault: str = "", held: str = "") -> Response:
    """Return the page of the second factor. `held`: the envelope of a first proof that was sent back."""
    errors = {"code_unique": fault} if fault else {}
    status = 422 if fault else 200
    if pending.due.enrolled:
        envelope = held or sealed(pending, keys=keys, now=now)
        return render("account/code.html", status=status, errors=errors, step=envelope)
    asked = with_secret(pending)
    return render(
        "account/must_enrol.html",
        status=status,
        errors=errors,
        step=held or sealed(asked, keys=keys, now=now),
        proposal=proposal(asked.secret, asked.due.login),
        login=asked.due.login,
    )
