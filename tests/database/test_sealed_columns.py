"""What is sealed for long follows a rotation of the keys, and goes when its person is forgotten.

The columns are read from the schema: a new one that neither `RESEALS` nor `HOLDERS` knows fails here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
import pyotp
import pytest
import sqlalchemy as sa
from fastapi.encoders import jsonable_encoder
from sqlmodel import Session, SQLModel

from api.commands.identity import RESEALS
from api.persons import service as persons
from api.persons.kept import Asked
from api.security import service as security
from api.security.facts import NewAccount
from regulation.intake import service as intake
from regulation.intake.facts import CallerTraits, Correction
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import (
    Circumstances,
    PracticeAnswer,
    PracticeCall,
    RefusalReason,
)
from regulation.messages import service as messages
from regulation.messages.facts import ReminderWay
from regulation.orientation import service as orientation
from regulation.series import service as series
from regulation.series.facts import SeriesEnd
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from slots.feeds import service as feeds
from snp.platform.actors import Role
from snp.platform.crypto import Keyring, key_name
from snp.platform.keys import Keys
from tests.support.mt_list import a_sign_up
from tests.support.regulation import KEYS, NOW, a_cpts, a_patient, an_actor, at
from tests.support.series import TEXTS, Physios

pytestmark = pytest.mark.database

NOT_SEALED: Final = {
    *(f"audit_seal.{name}" for name in ("previous", "digest")),
    "idempotency_record.fingerprint",
    *(f"{table}.name" for table in ("door_try", "pace", "unknown_login")),
}
"""Bytes that are digests under another name than `…_hash`."""
SHORT_LIVED: Final = {"desk_draft.content", "idempotency_record.body"}
"""Sealed for hours, then deleted by a job: the key before is kept at least that long."""
OF_NOBODY: Final = {"imported_calendar.address", "totp_secret.secret"}
"""Sealed, but of a practitioner's calendar or of an account, whose owner removes them himself."""
MARKS: Final = (
    "Quintrec",
    "639987001",
    "quintrec@",
    "rappel.q@",
    "Voisine",
    "sonnette",
    "genou gonflé",
    "Cabinet du Port",
)


def sealed_columns() -> list[str]:
    """Every column that holds envelopes for long, as `table.column`."""
    found = (
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary) and not column.name.endswith("_hash")
    )
    return sorted(set(found) - NOT_SEALED - SHORT_LIVED)


def envelopes(session: Session, name: str) -> list[bytes]:
    """What a column holds."""
    table, column = name.split(".")
    statement = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"
    return [bytes(row[0]) for row in session.execute(sa.text(statement))]


def everything(team: Physios) -> UUID:
    """A person of whom every sealed column holds something; the id of his request."""
    cpts, session = team.cpts, team.cpts.session
    person = a_patient(family_name="Quintrec", phone="0639987001", birth_date=date(1979, 3, 2))
    request_id = team.booked(team.slots(team.anne, 1, 3), patient=person)[0].request_id
    typed = Correction(caller=CallerTraits("Voisine", phone="0240000000"), note="La sonnette ne marche pas")
    intake.correct(session, request_id, typed, keys=KEYS, why="essai", by=cpts.osnp, now=NOW)
    texts = TEXTS | {"findings": "genou gonflé"}
    series.write_sheet(
        session,
        request_id,
        texts,
        email="quintrec@example.org",
        finish=True,
        keys=KEYS,
        by=team.a,
        now=at("9:40", day=3),
    )
    sign_up = a_sign_up(
        cpts.territory.id, person, email="quintrec@example.org", circumstances=Circumstances(ald=True)
    )
    entry = register.add_entry(session, sign_up, keys=KEYS, by=cpts.osnp, now=NOW)
    refusal = PracticeCall(
        PracticeAnswer.REFUSED, practice="Cabinet du Port", reason=RefusalReason.FULL, note="M. Quintrec"
    )
    register.record_call(session, entry.id, refusal, keys=KEYS, by=cpts.osnp, now=NOW)
    messages.choose_reminders(
        session, request_id, ReminderWay.EMAIL, "rappel.q@example.org", keys=KEYS, by=cpts.osnp, now=NOW
    )
    address = "https://exemple.fr/moi.ics"
    feeds.import_calendar(session, team.anne.id, address, keys=KEYS, by=team.a, now=NOW)
    new = NewAccount(login="essai", display_name="Essai", role=Role.ADMINISTRATOR)
    account = security.create_account(session, new, by=cpts.job, now=NOW)
    secret = security.new_secret()
    security.enrol_factor(session, account.id, secret, pyotp.TOTP(secret).at(NOW), keys=KEYS, at=NOW, now=NOW)
    return request_id


def close(team: Physios, request_id: UUID) -> datetime:
    """Both sessions took place, then nobody is cared for any more; the instant."""
    over = at("10:00", day=3)
    found = appointments.list_appointments(
        team.cpts.session, AppointmentFilter(request_ids=frozenset({request_id}))
    )
    for one in found.items:
        orientation.honour(team.cpts.session, one.id, by=team.a, now=over)
    series.close_series(team.cpts.session, request_id, SeriesEnd.NO_MORE_CARE, by=team.a, now=over)
    return over


def asked_by_the_delegate(team: Physios, request_id: UUID, now: datetime) -> Asked:
    """A right used at the delegate's."""
    dpo = an_actor(Role.DPO, frozenset({team.cpts.territory.id}))
    request = intake.get_request(team.cpts.session, request_id, by=team.cpts.osnp, now=now)
    return Asked(team.cpts.session, request.patient_id, KEYS, "sa lettre", dpo, now)


@pytest.fixture
def team(session: Session) -> Physios:
    return Physios(a_cpts(session))


def test_every_sealed_column_follows_a_rotation(team: Physios, session: Session) -> None:
    everything(team)
    both = Keyring({**Keyring.generate("k2").keys, **KEYS.identity.keys})
    keys = Keys(identity=both, hashing=KEYS.hashing, session_secret="not used")
    for reseal in RESEALS:
        after = None
        while True:
            after = reseal(session, after=after, limit=1, keys=keys, by=team.cpts.job, now=NOW)
            if after is None:
                break

    found = {name: {key_name(one) for one in envelopes(session, name)} for name in sealed_columns()}

    assert found == {name: {"k2"} for name in found}  # an empty one was not filled above


def test_every_sealed_column_of_a_person_is_told_to_him_then_emptied(team: Physios, session: Session) -> None:
    request_id = everything(team)
    before = {name: envelopes(session, name) for name in sealed_columns()}
    over = close(team, request_id)
    asked = asked_by_the_delegate(team, request_id, over)

    told = orjson.dumps(jsonable_encoder(persons.record_of(asked))).decode()
    assert [mark for mark in MARKS if mark not in told] == []
    assert persons.forget(asked)
    assert not persons.forget(asked)

    left = orjson.dumps(jsonable_encoder(persons.record_of(asked))).decode()
    assert [mark for mark in MARKS if mark in left] == []
    kept = {name for name, held in before.items() if set(held) & set(envelopes(session, name))}
    assert kept == OF_NOBODY
    where = sa.text("SELECT state, close_reason, erased_at IS NOT NULL FROM mt_entry")
    assert [tuple(row) for row in session.execute(where)] == [("closed", "withdrawn", True)]


def test_time_forgets_the_sheets_of_an_old_series_and_leaves_the_list_alone(
    team: Physios, session: Session
) -> None:
    """Nobody ever said whether its sessions took place: its request was never closed, and is not for ever."""
    everything(team)
    before = envelopes(session, "physio_sheet.content")

    def forgotten(now: datetime) -> int:
        series.close_due(session, by=team.cpts.job, now=now)
        return len(persons.forget_kept_too_long(session, before=now, keys=KEYS, by=team.cpts.job, now=now))

    assert forgotten(NOW + timedelta(days=300)) == 0
    assert forgotten(NOW + timedelta(days=400)) == 1
    assert not set(before) & set(envelopes(session, "physio_sheet.content"))
    assert session.scalar(sa.text("SELECT state FROM mt_entry")) == "waiting"


def test_a_namesake_with_another_phone_keeps_his_place_on_the_list(team: Physios, session: Session) -> None:
    request_id = everything(team)
    other = a_patient(family_name="Quintrec", phone="0639987002", birth_date=date(1979, 3, 2))
    typed = a_sign_up(team.cpts.territory.id, other)
    register.add_entry(session, typed, keys=KEYS, by=team.cpts.osnp, now=NOW)

    asked = asked_by_the_delegate(team, request_id, close(team, request_id))
    assert len(persons.record_of(asked)["mt_list"]) == 1
    persons.forget(asked)

    states = session.execute(sa.text("SELECT state FROM mt_entry ORDER BY id")).scalars().all()
    assert states == ["closed", "waiting"]
