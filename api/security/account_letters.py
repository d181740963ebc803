"""What the owner of an account is told by e-mail when the ways to open it change.

Queued with the change, written when it leaves, to the address that he has then: a practitioner's in the
directory, or else his login where that is an address. Never commits.
Source: NIST SP 800-63B §6.1.2.1 (the subscriber is told when an authenticator is bound).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.security import repository
from api.security.tables import Account
from regulation.messages.facts import Letter, Medium
from regulation.messages.texts import SIGNED
from snp.days import say_instant
from snp.directory import service as directory
from snp.notifications import service as outbox
from snp.notifications.facts import Message, Unneeded

_MARK: Final = "account_identity"
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
UNNAMED: Final = "un fournisseur d’identité"


class Told(StrEnum):
    """What happened to the ways of signing in."""

    ATTACHED = "attached"
    DETACHED = "detached"


def queue_told(session: Session, account_id: UUID, told: Told, *, issuer: str, now: datetime) -> None:
    """Queue the letter of a change."""
    payload: dict[str, object] = {
        "kind": _MARK,
        "account_id": str(account_id),
        "told": told.value,
        "issuer": issuer,
    }
    outbox.enqueue(session, Medium.EMAIL, f"{_MARK}:{account_id}", payload, now)


def is_of_account(message: Message) -> bool:
    """Tell whether a message is written here."""
    return message.payload.get("kind") == _MARK


def compose(
    session: Session, message: Message, *, address: str, labels: Mapping[str, str], now: datetime
) -> Letter | Unneeded:
    """Return the letter; `labels`: the providers' names by issuer, as the settings have them."""
    account = repository.account_by_id(session, UUID(str(message.payload["account_id"])))
    to = _address_of(session, account, now)
    if to is None:
        return Unneeded("no-address")
    label = labels.get(str(message.payload["issuer"]), UNNAMED)
    told, when = Told(str(message.payload["told"])), say_instant(message.created_at)
    subject = {
        Told.ATTACHED: "Un moyen de connexion a été rattaché à votre compte",
        Told.DETACHED: "Un moyen de connexion a été détaché de votre compte",
    }[told]
    done = {
        Told.ATTACHED: f"{label} ouvre désormais votre compte (rattaché {when}).",
        Told.DETACHED: f"{label} n’ouvre plus votre compte (détaché {when}).",
    }[told]
    text = (
        f"Bonjour,\n\n{done}\n\nCe n’est pas vous ? Changez de mot de passe, puis déconnectez les appareils "
        f"que vous ne reconnaissez pas : {address}/compte{SIGNED}"
    )
    return Letter(Medium.EMAIL, to, subject, text)


def _address_of(session: Session, account: Account, now: datetime) -> str | None:
    if account.practitioner_id is not None:
        email = directory.get_practitioner(session, account.practitioner_id, now=now).email
        if email:
            return email
    return account.login if _ADDRESS.fullmatch(account.login) else None
