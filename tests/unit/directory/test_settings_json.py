from dataclasses import replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from snp.days import DayHours, HolidayRegion, SnpHours
from snp.directory.coverage_settings import CoverageSettings
from snp.directory.settings_json import settings_from_input, settings_from_json, settings_to_json
from snp.directory.territory_settings import (
    AnswerMode,
    EnginePolicy,
    TerritorySettings,
    check_settings,
    default_settings,
)
from snp.errors import InvalidValue


def test_each_department_starts_with_its_own_settings():
    retz, montaigu, alsace = (default_settings(code) for code in ("44", "85", "67"))
    assert (retz.default_max_km, retz.regulation_number) == (15, "15")
    assert (montaigu.default_max_km, montaigu.regulation_number) == (30, "116 117")
    assert alsace.region is HolidayRegion.ALSACE_MOSELLE
    assert alsace.pdsa_hours.region is HolidayRegion.ALSACE_MOSELLE


def test_settings_survive_their_storage():
    hours = SnpHours(
        weekdays=DayHours(time(7, 30), time(0)),
        saturday=None,
        sunday=DayHours(time(9), time(12)),
        open_on_holidays=True,
        region=HolidayRegion.REUNION,
        closed_on=frozenset({date(2026, 12, 24)}),
        zone=ZoneInfo("Indian/Reunion"),
    )
    settings = default_settings("974")
    pdsa = replace(settings.pdsa_hours, friday_after_holiday=True, zone=hours.zone)
    settings = replace(settings, snp_hours=hours, pdsa_hours=pdsa, hold_minutes=7)
    assert settings_from_json(settings_to_json(settings), department="974") == settings


def test_a_territory_decides_how_its_engine_answers():
    base = default_settings("85")
    assert (base.policy, base.mode) == (EnginePolicy.LIVE, AnswerMode.IMMEDIATE)
    given = {"mode": "promise", "notice_minutes": 90, "quiet_hours": ["22:00", "06:30"]}
    changed = settings_from_input(given, base=base)
    assert changed.quiet_hours == (time(22), time(6, 30))
    assert settings_from_json(settings_to_json(changed), department="85") == changed
    none = settings_from_input({"quiet_hours": []}, base=changed)
    assert none.quiet_hours is None
    assert settings_from_json(settings_to_json(none), department="85") == none


def test_what_is_missing_takes_the_default_of_the_department():
    assert settings_from_json({}, department="85") == default_settings("85")
    assert settings_from_json({"hold_minutes": 9}, department="85").default_max_km == 30


def test_a_stored_setting_that_is_no_longer_known_is_left_out():
    assert settings_from_json({"colour": "blue"}, department="44") == default_settings("44")


def test_an_input_changes_only_what_it_names():
    base = default_settings("44")
    changed = settings_from_input({"snp_hours": {"saturday": None}, "max_proposals": 5}, base=base)
    assert changed.snp_hours.saturday is None
    assert changed.snp_hours.weekdays == base.snp_hours.weekdays
    assert changed == replace(base, snp_hours=replace(base.snp_hours, saturday=None), max_proposals=5)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("colour", {"colour": "blue"}),
        ("snp_hours", {"snp_hours": "toujours"}),
        ("lundi", {"snp_hours": {"lundi": ["08:00", "20:00"]}}),
        ("region", {"snp_hours": {"region": "metropole"}}),
        ("weekdays", {"snp_hours": {"weekdays": None}}),
        ("weekdays", {"snp_hours": {"weekdays": ["20:00", "08:00"]}}),
        ("saturday", {"snp_hours": {"saturday": ["8"]}}),
        ("saturday", {"snp_hours": {"saturday": 8}}),
        ("closed_on", {"snp_hours": {"closed_on": ["demain"]}}),
        ("open_on_holidays", {"snp_hours": {"open_on_holidays": 1}}),
        ("saturday_from_noon", {"pdsa_hours": {"saturday_from_noon": "oui"}}),
        ("dimanche", {"pdsa_hours": {"dimanche": True}}),
        ("holidays", {"holidays": "atlantide"}),
        ("time_zone", {"time_zone": "Europe/Nantes"}),
        ("time_zone", {"time_zone": "../../etc/passwd"}),
        ("time_zone", {"time_zone": ""}),
        ("time_zone", {"time_zone": 1}),
        ("default_max_km", {"default_max_km": "loin"}),
        ("default_max_km", {"default_max_km": 0}),
        ("default_delay_hours", {"default_delay_hours": 36}),
        ("hold_minutes", {"hold_minutes": True}),
        ("hold_minutes", {"hold_minutes": 61}),
        ("pool_minutes", {"pool_minutes": 0}),
        ("max_proposals", {"max_proposals": 6}),
        ("regulation_number", {"regulation_number": " "}),
        ("policy", {"policy": "magique"}),
        ("mode", {"mode": ["promise"]}),
        ("mode", {"mode": "promise", "policy": "exact"}),
        ("notice_minutes", {"notice_minutes": 10}),
        ("quiet_hours", {"quiet_hours": ["21:00"]}),
        ("quiet_hours", {"quiet_hours": ["21:00", "21:00"]}),
        ("p3_waiting_percent", {"p3_waiting_percent": 51}),
        ("phone", {"contact_phone": "15"}),
        ("contact_phone", {"contact_phone": 33}),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(field, given):
    with pytest.raises(InvalidValue) as refusal:
        settings_from_input(given, base=default_settings("44"))
    assert refusal.value.fields["field"] == field


def test_plain_settings_are_fit():
    assert check_settings(TerritorySettings()) == TerritorySettings()


def test_settings_of_coverage_survive_their_storage_and_what_is_unknown_is_left_out():
    settings = replace(
        default_settings("44"),
        coverage=CoverageSettings(
            automatic=False,
            messages_a_week=1,
            school_holidays=((date(2026, 12, 19), date(2027, 1, 3)),),
            seaside=((6, 15), (9, 15)),
            seaside_percent=220,
        ),
    )
    stored = settings_to_json(settings)
    stored["coverage"]["of_tomorrow"] = 1
    assert settings_from_json(stored, department="44") == settings


@pytest.mark.parametrize(
    "given",
    [
        {"messages_a_week": 8},
        {"messages_a_week": True},
        {"shortage_percent": "30"},
        {"days_ahead": 0},
        {"automatic": "oui"},
        {"school_holidays": ["Noël"]},
        {"school_holidays": ["2027-01-03/2026-12-19"]},
        {"school_holidays": "2026-12-19/2027-01-03"},
        {"seaside": ["07-01"]},
        {"seaside": ["07-32", "08-31"]},
        {"unknown": 1},
    ],
)
def test_settings_of_coverage_that_cannot_be_are_refused(given: dict[str, Any]):
    with pytest.raises(InvalidValue):
        settings_from_input({"coverage": given}, base=default_settings("44"))
