"""What the pages of statements show of a line, an act and the events behind an amount. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.web.wording import capital
from slots.compensation.exporting import payer_of
from slots.compensation.facts import (
    EventLine,
    Line,
    LineKind,
    Reason,
    Statement,
    StoredVerdict,
    VerdictStatus,
)
from slots.compensation.wording import KINDS, ROLES, STATUSES, say_euros, say_month, say_quantity
from snp.days import PARIS, local_day, say_day, say_instant

TONES: Final = {
    VerdictStatus.HOLDS: "good",
    VerdictStatus.TO_CONFIRM: "care",
    VerdictStatus.DOES_NOT_HOLD: "",
}
_EVENTS: Final = {
    ("request", "decide"): "Décision du médecin régulateur",
    ("appointment", "booked"): "Rendez-vous pris",
    ("appointment", "honoured"): "Patient venu",
    ("appointment", "no_show"): "Patient non venu",
    ("appointment", "moved"): "Rendez-vous déplacé",
    ("appointment", "cancelled"): "Rendez-vous annulé",
    ("act", "marked"): "Cotation ou confirmation du praticien",
    ("slot", "published"): "Créneau publié",
    ("slot", "changed"): "Créneau modifié",
    ("slot", "hidden"): "Créneau masqué par une absence",
    ("slot", "restored"): "Créneau remis",
    ("slot", "withdrawn"): "Créneau retiré",
    ("slot", "released"): "Créneau rendu au praticien",
    ("coordination", "declared"): "Temps déclaré",
    ("coordination", "withdrawn"): "Déclaration retirée",
}
_AUTHORS: Final = {
    "account": "un compte",
    "key": "un logiciel",
    "system": "le service",
    "link": "un lien",
    "patient": "le patient",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a statement. `quantity`: nothing for one act or one slot."""

    id: UUID
    when: str
    what: str
    quantity: str
    amount: str
    paid: bool
    state: str
    tone: str
    dossier: str
    correction: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in words."""

    what: str
    when: str
    who: str
    detail: str


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in a list."""

    id: UUID
    month: str
    territory: str
    state: str
    tone: str
    cpts: str
    cpam: str


@dataclass(frozen=True, slots=True)
class ActRow:
    """An act and its verdict, with what its practitioner said of it."""

    id: UUID
    when: str
    dossier: str
    state: str
    tone: str
    amount: str
    decided: str
    rank: str
    reasons: tuple[Reason, ...]
    billed: tuple[str, ...]
    asks: bool


def row(line: Line, zone: ZoneInfo = PARIS) -> Row:
    """Return a line as a page shows it."""
    content = line.content
    if content.kind is LineKind.COORDINATION or content.corrected_month:
        when = capital(say_day(content.day, year=True))
    else:
        when = capital(say_instant(content.at, zone))
    return Row(
        id=line.id,
        when=when,
        what=KINDS[content.kind],
        quantity="" if content.quantity == 1 else say_quantity(content.kind, content.quantity),
        amount=say_euros(content.amount_cents),
        paid=content.amount_cents != 0,
        state=STATUSES[content.status] if content.status else "",
        tone=TONES[content.status] if content.status else "",
        dossier=content.request_number or "",
        correction=say_month(content.corrected_month) if content.corrected_month else "",
        reasons=content.reasons,
    )


def by_payer(lines: Iterable[Line], payer: str, zone: ZoneInfo) -> list[Row]:
    """Return the lines that somebody pays."""
    return [row(line, zone) for line in lines if payer_of(line.content.kind) == payer]


def event(one: EventLine, zone: ZoneInfo = PARIS, *, named: bool) -> Event:
    """Return an event in words; `named`: with what sort of author."""
    who = _AUTHORS.get(one.author.partition(":")[0], "") if named else ""
    if named and one.what == "request":
        who = f"compte {one.author.partition(':')[2][:8]}"
    what = _EVENTS.get((one.what, one.code), one.code)
    return Event(what, capital(say_instant(one.at, zone, year=True)), who, one.detail)


def statement_row(one: Statement, territory: str) -> StatementRow:
    """Return a statement as a list shows it."""
    state = "provisoire"
    if one.closed_at is not None:
        state = f"clos le {local_day(one.closed_at):%d/%m/%Y}"
    return StatementRow(
        id=one.id,
        month=capital(say_month(one.month)),
        territory=territory,
        state=state,
        tone="good" if one.is_closed else "care",
        cpts=say_euros(one.cpts_cents),
        cpam=say_euros(one.cpam_cents),
    )


def act_row(one: StoredVerdict, *, is_mt_asked: bool, zone: ZoneInfo = PARIS) -> ActRow:
    """Return an act as its practitioner sees it."""
    decided = ""
    if one.decided_at is not None:
        role = ROLES.get(one.decided_role or "", one.decided_role or "")
        decided = f"{capital(role)}, {say_instant(one.decided_at, zone)}"
    return ActRow(
        id=one.appointment_id,
        when=capital(say_instant(one.seen_at, zone)),
        dossier=one.request_number or "",
        state=STATUSES[one.status],
        tone=TONES[one.status],
        amount=say_euros(one.amount_cents),
        decided=decided,
        rank=f"{one.rank} dans la semaine" if one.rank else "",
        reasons=one.reasons,
        billed=one.billed,
        asks=is_mt_asked,
    )
