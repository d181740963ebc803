"""The log speaks a closed list of events and cannot carry a person."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog

from snp.platform.events import Event, is_code, is_speakable
from snp.platform.logs import UnspeakableField, configure_logs, log
from snp.platform.settings import Environment, LogFormat, Settings

SLOT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def speak(
    capsys: pytest.CaptureFixture[str], environment: Environment, **fields: object
) -> dict[str, object]:
    configure_logs(Settings(_env_file=None, environment=environment, log_format=LogFormat.JSON))
    log(Event.APPOINTMENT_BOOKED, **fields)
    return json.loads(capsys.readouterr().err)


def test_an_event_carries_identifiers_counts_and_codes(capsys: pytest.CaptureFixture[str]):
    line = speak(
        capsys, Environment.TEST, slot_id=SLOT, wait_minutes=12, mode="AMB", route="/api/v1/slots/{id}"
    )
    assert line["event"] == "appointment.booked"
    assert line["slot_id"] == str(SLOT)
    assert line["level"] == "info"
    assert line["timestamp"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Le Goff"),
        ("phone", "+33240123456"),
        ("symptom", "fever"),
        ("reason", "fièvre depuis deux jours"),
        ("code", "0240123456"),
        ("patient_id", "LeGoff"),
        ("count", 33240123456),
        ("kind", ["AMB"]),
    ],
)
def test_a_field_that_may_carry_a_person_is_refused(name: str, value: object):
    assert not is_speakable(name, value)


def test_development_refuses_loudly(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(UnspeakableField, match="phone"):
        speak(capsys, Environment.DEVELOPMENT, phone="+33240123456")
    assert capsys.readouterr().err == ""


def test_production_leaves_the_field_out(capsys: pytest.CaptureFixture[str]):
    line = speak(capsys, Environment.PRODUCTION, slot_id=SLOT, phone="+33240123456")
    assert "phone" not in line
    assert line["dropped_count"] == 1


def test_an_error_is_told_by_its_class_alone(capsys: pytest.CaptureFixture[str]):
    line = speak(capsys, Environment.TEST, error=ValueError("Le Goff, 02 40 12 34 56"))
    assert line["error"] == "ValueError"
    assert "Goff" not in json.dumps(line)


def test_libraries_warn_through_the_same_output(capsys: pytest.CaptureFixture[str]):
    configure_logs(Settings(_env_file=None, log_format=LogFormat.JSON))
    logging.getLogger("somebody.else").warning("careful: %s", 3)
    assert json.loads(capsys.readouterr().err)["event"] == "careful: 3"


@pytest.mark.parametrize(
    "text",
    [
        "AMB",
        "__init__.py:12",
        "<string>:1",
        "/api/v1/slots/{slot_id}",
        str(SLOT),
        "key:" + str(SLOT),
        "k1",
        "2026-11-24",
    ],
)
def test_codes_and_paths_are_no_free_text(text: str):
    assert is_code(text)


@pytest.mark.parametrize("text", ["two words", "0240123456", "+33240123456", "é", "", "x" * 200])
def test_free_text_and_phones_are_no_codes(text: str):
    assert not is_code(text)


def test_the_error_stream_may_be_replaced_afterwards(monkeypatch: pytest.MonkeyPatch):
    configure_logs(Settings(_env_file=None, log_format=LogFormat.JSON))
    later = io.StringIO()
    monkeypatch.setattr(sys, "stderr", later)
    log(Event.SERVICE_STARTED, port=8000)
    assert json.loads(later.getvalue())["event"] == "service.started"
