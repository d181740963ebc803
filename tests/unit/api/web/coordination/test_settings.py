"""Settings through a form and back, and the differences that their history tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from api.web.coordination import history
from api.web.coordination.setting_forms import read_settings, typed_of
from snp.days import DayHours, SnpHours
from snp.directory.facts import TerritoryRevisionView
from snp.directory.settings_json import settings_to_json
from snp.directory.territory_settings import TerritorySettings, default_settings

PLAIN = default_settings("44")


def revision(settings: TerritorySettings, version: int, **content: object) -> TerritoryRevisionView:
    whole = {"name": "CPTS", "communes": ["44131"], "settings": settings_to_json(settings), **content}
    return TerritoryRevisionView(
        UUID(int=1), version, datetime(2026, 11, 24, 9, tzinfo=UTC), "account:a", whole
    )


@pytest.mark.parametrize(
    "settings",
    [
        PLAIN,
        default_settings("85"),
        replace(
            PLAIN,
            snp_hours=SnpHours(
                saturday=None,
                sunday=DayHours(time(9), time(0)),
                open_on_holidays=True,
                closed_on=frozenset({date(2026, 12, 24), date(2026, 12, 31)}),
            ),
            default_max_km=12.5,
            alert_emails=("cpts@exemple.fr", "astreinte@exemple.fr"),
            protection_emails=("dpo@exemple.fr",),
        ),
    ],
)
def test_a_form_sent_as_it_was_shown_changes_nothing(settings: TerritorySettings) -> None:
    assert read_settings(typed_of(settings), settings).value == settings


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rayon", ""),
        ("rayon", "loin"),
        ("retenue", "2.5"),
        ("retenue", "0"),
        ("delai", "5"),
        ("propositions", "6"),
        ("semaine_de", ""),
        ("fermetures", "2026-02-30"),
        ("numero", ""),
    ],
)
def test_a_wrong_setting_is_told_at_its_field(field: str, value: str) -> None:
    errors = read_settings(typed_of(PLAIN) | {field: value}, PLAIN).errors
    assert list(errors) == [field.removesuffix("_de")]


def test_history_tells_the_lines_that_differ_newest_first() -> None:
    changed = replace(PLAIN, default_max_km=22.5, snp_hours=replace(PLAIN.snp_hours, saturday=None))
    told = history.edits(
        [revision(changed, 2, communes=["44012", "44131"]), revision(PLAIN, 1)], {"account:a": "Anne"}
    )
    assert [edit.is_first for edit in told] == [False, True]
    assert told[0].who == "Anne"
    assert {(one.label, one.before, one.after) for one in told[0].changes} == {
        ("Communes", "—", "44012"),
        ("Rayon de recherche (km)", "15", "22,5"),
        ("Samedi", "08:00 à 12:00", "—"),
    }
    assert told[1].changes == ()


def test_an_edit_that_changes_nothing_says_nothing() -> None:
    assert history.edits([revision(PLAIN, 2), revision(PLAIN, 1)], {})[0].changes == ()


def test_a_setting_that_came_later_is_named_as_it_is_stored() -> None:
    before, after = {"settings": {}}, {"settings": {"new_one": True}}
    (told,) = history.changes(before, after)
    assert (told.label, told.before, told.after) == ("settings.new_one", "—", "oui")
