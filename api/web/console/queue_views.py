"""What the queue of the regulation shows: open dossiers by deadline, filtered and paged; no identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from api.web.console.decision_forms import PRIORITIES
from api.web.desk_views import Option
from api.web.reasons import reason_label
from regulation.intake import service as intake
from regulation.intake.facts import CallPriority, RequestFilter, RequestState, RequestView
from regulation.intake.hours import outside
from regulation.intake.rules import STATE_LABELS
from snp.days import local_day, say_delay
from snp.directory import service as directory
from snp.platform.actors import Actor, Role

S = RequestState
GROUPS: Final[Mapping[str, tuple[str, frozenset[RequestState]]]] = {
    "": (
        "Tous les dossiers ouverts",
        frozenset({S.RECEIVED, S.WAITING_MT, S.TO_ESTIMATE, S.TO_DECIDE, S.SEEKING, S.HELD, S.UNSERVED}),
    ),
    "evaluer": ("À évaluer", frozenset({S.RECEIVED, S.TO_ESTIMATE})),
    "decider": ("À décider", frozenset({S.TO_DECIDE})),
    "placer": ("À placer", frozenset({S.SEEKING, S.HELD})),
    "mt": ("En attente du médecin traitant", frozenset({S.WAITING_MT})),
    "sans-creneau": ("Sans créneau dans le délai", frozenset({S.UNSERVED})),
    "pris": ("Rendez-vous pris", frozenset({S.BOOKED})),
}
"""How the queue may be cut, by the word of its address: what each role has to do."""

SOON: Final = timedelta(hours=4)
DEADLINES: Final[Mapping[str, str]] = {"": "Toutes", "retard": "Dépassée", "bientot": "Dans les 4 heures"}
ROWS: Final = 20
_TONES: Final = {
    S.TO_ESTIMATE: "todo",
    S.TO_DECIDE: "todo",
    S.RECEIVED: "todo",
    S.SEEKING: "care",
    S.WAITING_MT: "",
    S.HELD: "good",
    S.BOOKED: "good",
    S.UNSERVED: "alarm",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the reader cut the queue; unknown words mean no cut."""

    group: str = ""
    priority: str = ""
    deadline: str = ""
    territory: UUID | None = None
    after: str | None = None

    def address(self, path: str, *, after: str | None = None) -> str:
        """The address that shows the same cut, from a place of the list on."""
        told = {
            "etat": self.group,
            "priorite": self.priority,
            "echeance": self.deadline,
            "territoire": str(self.territory or ""),
            "apres": after or "",
        }
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An open dossier in the queue. `left`: how long until its deadline; `tone`: how much that presses."""

    id: UUID
    number: str
    state: str
    state_tone: str
    deadline: str
    left: str
    tone: str
    reason: str
    commune: str
    priority: str
    opened: str


def wanted_of(group: str, priority: str, deadline: str, territory: UUID | None, after: str | None) -> Wanted:
    """Return the cut that an address names."""
    return Wanted(
        group=group if group in GROUPS else "",
        priority=priority if priority in set(CallPriority) else "",
        deadline=deadline if deadline in DEADLINES else "",
        territory=territory,
        after=after or None,
    )


def queue(session: Session, wanted: Wanted, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Return one page of the queue, the first deadline first."""
    limits = {"retard": now, "bientot": now + SOON}
    query = RequestFilter(
        territory_id=wanted.territory if _sees(by, wanted.territory) else None,
        states=GROUPS[wanted.group][1],
        priorities=frozenset({CallPriority(wanted.priority)}) if wanted.priority else frozenset(),
        deadline_until=limits.get(wanted.deadline),
    )
    page = intake.list_requests(session, query, cursor=wanted.after, limit=ROWS, by=by, now=now)
    communes = directory.get_communes(session, {one.insee for one in page.items})
    return {
        "rows": [_row(one, communes[one.insee].name, now) for one in page.items],
        "wanted": wanted,
        "next_page": wanted.address("/regulation", after=page.next_cursor) if page.next_cursor else "",
        "first_page": wanted.address("/regulation") if wanted.after else "",
        "fragment": wanted.address("/regulation/file", after=wanted.after),
    }


def _sees(by: Actor, territory: UUID | None) -> bool:
    return territory in by.territories or by.role is Role.ADMINISTRATOR


def choices(session: Session, by: Actor) -> dict[str, Any]:
    """Return how the queue may be cut."""
    territories = [directory.get_territory(session, one) for one in sorted(by.territories)]
    return {
        "groups": [Option(value, label) for value, (label, _) in GROUPS.items()],
        "priorities": [Option("", "Toutes"), *(Option(one, label) for one, label in PRIORITIES.items())],
        "deadlines": [Option(value, label) for value, label in DEADLINES.items()],
        "territories": [Option("", "Tous"), *(Option(str(one.id), one.name) for one in territories)]
        if len(territories) > 1
        else [],
    }


def closed(session: Session, by: Actor, now: datetime) -> str:
    """Return that every territory of the actor is outside SNP hours; nothing while one is open."""
    sentences = [
        " ".join(reason.sentence for reason in outside(hours, now))
        for hours in (
            directory.get_territory(session, one).settings.snp_hours for one in sorted(by.territories)
        )
    ]
    return sentences[0] if sentences and all(sentences) else ""


def _row(one: RequestView, commune: str, now: datetime) -> QueueRow:
    left, tone = time_left(one, now)
    return QueueRow(
        id=one.id,
        number=one.number,
        state=wording.capital(STATE_LABELS[one.state]),
        state_tone=_TONES.get(one.state, ""),
        deadline=wording.until(one.deadline, now) if one.deadline else "",
        left=left,
        tone=tone,
        reason=reason_label(one.reason, local_day(now)) if one.reason else "Motif non précisé",
        commune=commune,
        priority=one.priority.value if one.priority else "",
        opened=f"ouvert il y a {say_delay(now - one.created_at)}",
    )


def time_left(one: RequestView, now: datetime) -> tuple[str, str]:
    """Return how long a dossier has left, in words, and how much that presses."""
    if one.deadline is None:
        return "délai à fixer", ""
    if one.state is RequestState.BOOKED:
        return "placé", "good"
    if one.deadline < now:
        return f"en retard de {say_delay(now - one.deadline)}", "alarm"
    left = one.deadline - now
    return f"reste {say_delay(left)}", "care" if left <= SOON else ""
