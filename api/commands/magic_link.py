"""`snp magic-link`: propose slots to a practitioner, who publishes them without a password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlmodel import Session

from api.commands.naming import practitioner_id
from api.commands.opening import one_line_errors, opened_service
from api.security import service as security
from api.web.agenda.habits import Habits, habits_of
from api.web.agenda.reading import parse_day, parse_time
from slots.agenda.facts import Wish
from slots.agenda.refusals import PractitionerCannotPublish
from snp.days import at_local, local_day
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log

_BY = system("command-line")


def magic_link(
    practitioner: Annotated[str, typer.Argument(help="RPPS, ADELI ou identifiant.")],
    slot: Annotated[list[str], typer.Option(help="Jour et heure, « 2026-11-24 18:00 » ; répétable.")],
    patients: Annotated[int, typer.Option(min=1, max=30, help="Créneaux qui se suivent, à chacun.")] = 1,
    hours: Annotated[int, typer.Option(min=1, max=336, help="Durée de vie du lien, en heures.")] = 48,
) -> None:
    """Faire un lien par lequel un professionnel publie ces créneaux ; il n’est montré que cette fois."""
    with one_line_errors(), opened_service() as service:
        now = service.clock.now()
        with service.transaction() as session:
            habits = _habits(session, practitioner, now)
            made = security.create_link(
                session,
                habits.practitioner.id,
                [wish for text in slot for wish in wishes_of(text, patients, habits, now)],
                lifetime=timedelta(hours=hours),
                codes=service.keys.hasher(),
                by=_BY,
                now=now,
            )
        log(Event.LINK_CREATED, link_id=made.view.id, kind=made.view.purpose)
        settings = service.settings
        address = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
        typer.echo(f"{address}/lien/{made.secret}")


def wishes_of(text: str, patients: int, habits: Habits, now: datetime) -> list[Wish]:
    """Return slots in a row from a day and time, on a practitioner's usual terms. Raises `InvalidValue`."""
    day_text, _, time_text = text.strip().partition(" ")
    day, at = parse_day(day_text, local_day(now)), parse_time(time_text)
    if isinstance(day, str):
        raise InvalidValue("slot", day)
    if isinstance(at, str):
        raise InvalidValue("slot", at)
    first = at_local(day, at)
    return [Wish(first + habits.step * number, habits.offer) for number in range(patients)]


def _habits(session: Session, named: str, now: datetime) -> Habits:
    ident = practitioner_id(session, named, now=now)
    if ident is None:
        raise NotFound("professionnel", named)
    habits = habits_of(session, ident, now=now)
    if habits is None:
        raise PractitionerCannotPublish(ident, "aucun lieu ou aucun territoire sur sa fiche")
    return habits
