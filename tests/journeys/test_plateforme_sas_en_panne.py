"""La plateforme SAS tombe, répond mal ou trop tard, et nos processus sont tués : rien n’est perdu ni doublé.

Two real services (`snp run`) push what 200 appointments become to a real platform process over mutual TLS.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from api.demo.clock import set_clock
from slots.agenda import service as agenda
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView, CancelledBy, SasOperator
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, Doctor, a_claim, a_doctor, local
from tests.support.database import test_settings
from tests.support.sas_platform import SasPlatform
from tests.support.sas_push import OPERATOR, SYSTEM, Connected, a_connected_platform

APPOINTMENTS = 200
DOCTORS = 10
AFTERWARDS = NOW + timedelta(days=2)
SERVICE_TIME = NOW + timedelta(days=4)
PATIENCE_SECONDS = 240
MOST = 200
TROUBLE = {"share": 0.15, "kinds": ["500", "503", "lost", "lost", "slow", "hang"]}


class Service:
    """`snp run` in a process of its own, over the test's database, its clock some days ahead."""

    def __init__(self, url: sa.URL, connected: Connected, folder: Path) -> None:
        folder.mkdir()
        set_clock(test_settings(data_dir=folder), real=datetime.now(UTC), shown=SERVICE_TIME)
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SNP_")},
            **connected.environment,
            "SNP_DATA_DIR": str(folder),
            "SNP_ENVIRONMENT": "test",
            "SNP_DATABASE_URL": url.render_as_string(hide_password=False),
            "SNP_SAS_TIMEOUT_SECONDS": "2",
            "SNP_OUTBOX_LEASE_SECONDS": "8",
            "SNP_LOG_LEVEL": "CRITICAL",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "api.cli", "run", "--no-demo", "--port", "0"]
        self._process = subprocess.Popen(
            command, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Territory:
    """Doctors with slots, and what the test expects the platform to be told, by declared appointment."""

    def __init__(self, committed: sessionmaker[Session]) -> None:
        self.committed = committed
        self.free: list[tuple[Doctor, UUID]] = []
        self.expected: dict[str, list[tuple[str, str]]] = defaultdict(list)
        with committed.begin() as session:
            for _ in range(DOCTORS):
                doctor = a_doctor(session)
                made = agenda.publish_range(
                    session,
                    doctor.id,
                    local("2026-11-25 08:00"),
                    local("2026-11-25 18:00"),
                    doctor.offer(),
                    **BY_OWNER,
                )
                self.free += [(doctor, slot.id) for slot in made.slots]
        random.shuffle(self.free)

    def book(self) -> tuple[UUID, Doctor, AppointmentView]:
        doctor, slot_id = self.free.pop()
        with self.committed.begin() as session:
            booked = appointments.book(session, [a_claim(slot_id)], codes=CODES, **doctor.asked)
            (appointment,) = booked.appointments
            operator = SasOperator("urn:oid:1.2.250.1.213.3.6", OPERATOR)
            appointments.declare_to_sas(session, appointment.id, operator, now=NOW)
        self._expect(appointment.id, "booked", appointment)
        return appointment.id, doctor, appointment

    def move(self, declared: UUID, doctor: Doctor, appointment: AppointmentView) -> AppointmentView:
        slot_id = next(slot_id for his, slot_id in self.free if his.id == doctor.id)
        self.free.remove((doctor, slot_id))
        with self.committed.begin() as session:
            moved = appointments.move(
                session, appointment.id, slot_id, reason="autre heure", codes=CODES, **doctor.asked
            )
        self.free.append((doctor, appointment.slot_id))
        self._expect(declared, "booked", moved)
        return moved

    def end(self, declared: UUID, appointment: AppointmentView, how: str) -> None:
        with self.committed.begin() as session:
            match how:
                case "cancelled":
                    ended = appointments.cancel(
                        session,
                        appointment.id,
                        cancelled_by=CancelledBy.PATIENT,
                        reason="guéri",
                        by=OSNP,
                        now=NOW,
                    )
                case "fulfilled":
                    ended = appointments.honour(session, appointment.id, by=OSNP, now=AFTERWARDS)
                case _:
                    ended = appointments.no_show(session, appointment.id, by=OSNP, now=AFTERWARDS)
        self._expect(declared, how, ended)

    def waiting(self) -> int:
        with self.committed() as session:
            statement = (
                "SELECT count(*) FROM outbox_message WHERE topic = 'sas.appointment' AND state = :state"
            )
            return session.scalar(sa.text(statement), {"state": "pending"})

    def _expect(self, declared: UUID, status: str, appointment: AppointmentView) -> None:
        start = appointment.start.astimezone(UTC).isoformat(timespec="milliseconds")
        self.expected[str(declared)].append((status, start))


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[Connected]:
    with a_connected_platform(tmp_path) as connected:
        yield connected


def test_rien_n_est_perdu_ni_double_et_l_ordre_est_tenu(
    clean_database: sa.URL, committed: sessionmaker[Session], connected: Connected, tmp_path: Path
) -> None:
    random.seed(20261125)
    territory = Territory(committed)
    platform = connected.platform
    services = [Service(clean_database, connected, tmp_path / f"service-{n}") for n in range(2)]
    with ExitStack() as ending:
        for service in services:
            ending.callback(service.kill)
            service.start()
        platform.misbehave(**TROUBLE)
        _change_all(territory, platform, services, _book_all(territory, platform, services))
        _wait(lambda: territory.waiting() < MOST, "too little was pushed while the platform answered badly")
        platform.misbehave()
        _wait(lambda: territory.waiting() == 0, "messages were left behind")

    accepted = platform.accepted()
    with committed() as session:
        states = session.scalars(
            sa.text("SELECT DISTINCT state FROM outbox_message WHERE topic = 'sas.appointment'")
        )
        assert set(states) == {"delivered"}
    told = defaultdict(list)
    for entry in accepted:
        assert entry["system"] == SYSTEM
        told[entry["value"]].append((entry["body"]["status"], entry["body"]["start"]))
    # In order, and nothing lost: repetitions of one word apart, each appointment was told as it went.
    assert {value: [word for word, _ in groupby(words)] for value, words in told.items()} == {
        value: [word for word, _ in groupby(words)] for value, words in territory.expected.items()
    }
    # Nothing twice: one creation for each, whatever was repeated.
    assert sorted(entry["value"] for entry in accepted if entry["new"]) == sorted(territory.expected)
    assert len({entry["id"] for entry in accepted}) == APPOINTMENTS
    assert sum(map(len, told.values())) > sum(map(len, territory.expected.values())), "nothing was repeated"


Booked = list[tuple[UUID, Doctor, AppointmentView]]


def _book_all(territory: Territory, platform: SasPlatform, services: list[Service]) -> Booked:
    """Book while the platform goes down, then one of the services, then both come back."""
    booked = []
    for number in range(APPOINTMENTS):
        booked.append(territory.book())
        match number:
            case 60:
                _wait(lambda: len(platform.accepted()) > 10, "nothing was pushed")
                platform.kill()
            case 120:
                services[0].kill()
            case 150:
                platform.start()
                services[0].start()
    return booked


def _change_all(territory: Territory, platform: SasPlatform, services: list[Service], booked: Booked) -> None:
    """Move and end them while the other service is killed and the platform restarts."""
    for number, (declared, doctor, appointment) in enumerate(booked):
        now = appointment
        for _ in range(random.choice((0, 0, 1, 2))):
            now = territory.move(declared, doctor, now)
        how = random.choice(("", "cancelled", "fulfilled", "noshow"))
        if how:
            territory.end(declared, now, how)
        match number:
            case 50:
                services[1].kill()
            case 90:
                platform.kill()
                platform.start()
                services[1].start()


def _wait(holds: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, why
        time.sleep(0.1)
