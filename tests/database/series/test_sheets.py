"""The fiche synthétique: written, finished, corrected, read by those who may; sealed and audited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.series import service as series
from regulation.series.facts import PassReason
from regulation.series.refusals import NoSessionYet, SeriesNotFound, SheetNotFound
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.actors import Actor, Role
from snp.platform.crypto import Keyring
from tests.support.regulation import KEYS, NOW, a_cpts, at
from tests.support.series import TEXTS, Physios

pytestmark = pytest.mark.database
PATIENT = Actor("patient", Role.PATIENT)
LATER = at("9:40", day=3)


@pytest.fixture
def team(session: Session) -> Physios:
    return Physios(a_cpts(session))


@pytest.fixture
def request_id(team: Physios):
    return team.booked(team.slots(team.anne, 1, 3))[0].request_id


def write(team: Physios, request_id, *, now=LATER, **more):
    given = {"texts": TEXTS, "keys": KEYS, "by": team.a, "now": now} | more
    return series.write_sheet(team.cpts.session, request_id, given.pop("texts"), **given)


def read(team: Physios, request_id, by: Actor):
    return series.read_sheet(team.cpts.session, request_id, keys=KEYS, why="essai", by=by, now=LATER)


def audited(session: Session) -> list[tuple[str, str, str]]:
    rows = session.execute(
        sa.text("SELECT action, actor, why FROM audit_entry WHERE resource = 'physio_sheet' ORDER BY id")
    )
    return [tuple(row) for row in rows]


def test_a_sheet_starts_from_its_template_and_is_finished_whole(team: Physios, request_id, session: Session):
    fresh = series.sheet_to_write(session, request_id, keys=KEYS, by=team.a, now=NOW)
    assert (fresh.revision, fresh.version) == (0, 0)
    assert "Traumatisme" in fresh.content.texts["findings"]
    with pytest.raises(NoSessionYet):
        write(team, request_id, finish=True, now=NOW)
    draft = write(team, request_id, texts={"findings": "a"}, version=0)
    assert (draft.revision, draft.finished_at) == (1, None)
    with pytest.raises(InvalidValue):
        write(team, request_id, texts={"findings": "a"}, finish=True)
    with pytest.raises(VersionMismatch):
        write(team, request_id, version=0)
    done = write(team, request_id, version=draft.version, finish=True)
    assert (done.revision, done.finished_at) == (1, LATER)
    again = write(team, request_id, texts=TEXTS | {"advice": "Repos"}, finish=True)
    assert (again.revision, again.content.texts["advice"]) == (2, "Repos")


def test_only_those_concerned_read_it(team: Physios, request_id, session: Session):
    write(team, request_id)
    with pytest.raises(SheetNotFound):
        read(team, request_id, team.doctor)
    for stranger in (team.b, team.cpts.coordinator, team.cpts.osnp, team.cpts.acting(team.cpts.carer())):
        with pytest.raises(SeriesNotFound):
            read(team, request_id, stranger)
    series.propose_pass(session, request_id, team.bob.id, PassReason.SKILL, by=team.a, now=LATER)
    assert read(team, request_id, team.b).content.texts == TEXTS
    with pytest.raises(SeriesNotFound):
        write(team, request_id, by=team.b)
    secretary = replace(team.a, role=Role.DELEGATE)
    with pytest.raises(SeriesNotFound):
        read(team, request_id, secretary)
    write(team, request_id, finish=True)
    assert read(team, request_id, team.doctor).content.texts == TEXTS


def test_every_reading_leaves_a_line(team: Physios, request_id, session: Session):
    a, doctor = team.a, team.doctor
    write(team, request_id, by=a, finish=True)
    read(team, request_id, doctor)
    lines = audited(session)
    assert [line[:2] for line in lines] == [("create", a.ident), ("read", doctor.ident)]


def test_the_patient_reads_it_with_his_birth_date(team: Physios, request_id, session: Session):
    who = {"keys": KEYS, "by": PATIENT, "now": LATER}
    with pytest.raises(SheetNotFound):
        series.read_by_patient(session, request_id, date(1980, 5, 17), **who)
    write(team, request_id, finish=True)
    assert series.read_by_patient(session, request_id, date(1980, 5, 18), **who) is None
    found = series.read_by_patient(session, request_id, date(1980, 5, 17), **who)
    assert found is not None
    assert found.content.texts == TEXTS
    assert ("read", "patient", "lecture de sa fiche par le patient") in audited(session)


def test_what_it_says_is_nowhere_in_clear(team: Physios, request_id, session: Session):
    write(team, request_id, finish=True, email="patient@example.org")
    for table in ("physio_sheet", "physio_series", "physio_series_line", "outbox_message", "audit_entry"):
        kept = repr(session.execute(sa.text(f"SELECT to_jsonb(t) FROM {table} t")).scalars().all())
        assert "70°" not in kept, table
        assert "patient@example.org" not in kept, table
    address = series.address_for_sheet(session, request_id, keys=KEYS, now=LATER)
    assert address == "patient@example.org"


def test_sheets_follow_the_rotation_of_keys(team: Physios, request_id, session: Session):
    write(team, request_id, finish=True)
    ring = {"k2": b"n" * 32} | dict(KEYS.identity.keys)
    both = replace(KEYS, identity=Keyring(ring))
    done = series.reseal_sheets(session, keys=both, by=team.cpts.job, now=LATER)
    assert series.reseal_sheets(session, after=done, keys=both, by=team.cpts.job, now=LATER) is None
    new = replace(KEYS, identity=Keyring({"k2": b"n" * 32}))
    sheet = series.read_sheet(session, request_id, keys=new, why="essai", by=team.a, now=LATER)
    assert sheet.content.texts == TEXTS
