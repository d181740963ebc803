"""What only the database tells: version, schema, clock, leader, invariants, outbox, whether keys open it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from api.doctor.facts import Finding, mend, watch, well
from api.jobs.runner import LEADERSHIP
from api.migrations import current_revision, heads
from api.watch import service as invariants
from api.watch.invariants import INVARIANTS
from regulation.intake import service as intake
from snp.notifications import service as outbox
from snp.platform.keys import load_keys
from snp.platform.leadership import is_held_by_anyone
from snp.platform.settings import Settings

OLDEST_MAJOR: Final = 15
CLOCKS_APART: Final = timedelta(seconds=2)
LATE_MESSAGE: Final = timedelta(hours=1)
OLD_LOOK: Final = timedelta(minutes=30)


def look(settings: Settings, url: sa.URL) -> Iterator[Finding]:
    """Judge a database that answers."""
    engine = sa.create_engine(url, poolclass=NullPool)
    revision = current_revision(url)
    with Session(engine) as session:
        yield _version(session)
        yield _clock(session)
        yield _schema(revision)
        if revision in heads():
            yield _leader(session)
            yield from _invariants(session)
            yield _outbox(session)
            yield _identities(session, settings)


def _version(session: Session) -> Finding:
    number = int(session.connection().scalar(sa.text("SHOW server_version_num")) or 0)
    seen = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < OLDEST_MAJOR * 10_000:
        return mend("Base de données", seen, f"PostgreSQL {OLDEST_MAJOR} ou plus récent est nécessaire")
    return well("Base de données", seen)


def _clock(session: Session) -> Finding:
    theirs: datetime = session.connection().scalar(sa.text("SELECT clock_timestamp()")) or datetime.now(UTC)
    apart = abs(theirs - datetime.now(UTC))
    seen = f"{apart.total_seconds():.1f} s d’écart avec la base"
    if apart > CLOCKS_APART:
        return mend("Horloge", seen, "réglez NTP : retenues et échéances en dépendent")
    return well("Horloge", seen)


def _schema(revision: str | None) -> Finding:
    if revision in heads():
        return well("Schéma", str(revision))
    return mend("Schéma", revision or "absent", "snp migrate, avec la version du logiciel qui le connaît")


def _leader(session: Session) -> Finding:
    if is_held_by_anyone(session, LEADERSHIP):
        return well("Tâches de fond", "un processus les mène")
    return watch("Tâches de fond", "personne ne les mène", "le service est-il en marche ?")


def _invariants(session: Session) -> Iterator[Finding]:
    seen = {one.code: one for one in invariants.last_looks(session)}
    broken = [(one, seen[one.code]) for one in INVARIANTS if one.code in seen and seen[one.code].count]
    for one, look_ in broken:
        first = ", ".join(map(str, look_.sample[:3]))
        yield mend("Invariant", f"{one.code} : {look_.count} ({first})", one.broken)
    unknown = [code for code, one in seen.items() if one.count is None]
    if unknown:
        yield watch("Invariants", ", ".join(unknown), "n’ont pas pu être regardés")
    oldest = min((one.at for one in seen.values()), default=None)
    if oldest is None or len(seen) < len(INVARIANTS):
        yield watch("Invariants", "pas encore tous regardés", "ils le sont toutes les dix minutes")
    elif datetime.now(UTC) - oldest > OLD_LOOK:
        yield watch(
            "Invariants", f"regardés le {oldest:%d/%m %H:%M} UTC", "les tâches de fond tournent-elles ?"
        )
    elif not broken and not unknown:
        yield well("Invariants", f"{len(seen)} tenus")


def _outbox(session: Session) -> Finding:
    figures = outbox.undelivered(session)
    dead = sum(one.dead for one in figures)
    oldest = min((one.oldest_due_at for one in figures if one.oldest_due_at), default=None)
    if dead:
        return mend("Messages", f"{dead} abandonnés", "snp outbox list --state dead, puis replay ou drop")
    if oldest is not None and datetime.now(UTC) - oldest > LATE_MESSAGE:
        return watch("Messages", f"un message attend depuis le {oldest:%d/%m %H:%M} UTC", "snp outbox list")
    return well("Messages", "rien n’attend depuis longtemps")


def _identities(session: Session, settings: Settings) -> Finding:
    """Try the keys on the first and the last identity, which show no trait here."""
    opened, sealed = intake.try_keys(session, keys=load_keys(settings))
    if opened < sealed:
        return mend(
            "Identités", f"{sealed - opened} sur {sealed} ne s’ouvrent pas", "une clé manque ou a changé"
        )
    return well(
        "Identités", "les clés ouvrent la plus ancienne et la plus récente" if sealed else "aucune encore"
    )
