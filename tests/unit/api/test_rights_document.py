"""docs/RIGHTS.md is the table of rights, whole and of today."""

from __future__ import annotations

from pathlib import Path

from api.rights_document import rights_columns, rights_document, rights_rows
from api.security.rights import Action, Reach
from api.security.rights_words import ACTION_WORDS, REACH_WORDS, ROLE_WORDS, SHORT_ROLES
from snp.platform.actors import Role

DOCUMENT = Path(__file__).parents[3] / "docs" / "RIGHTS.md"


def test_the_document_is_of_today() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == rights_document(), (
        "run: .venv/bin/snp rights > docs/RIGHTS.md"
    )


def test_every_role_action_and_reach_has_its_french_words() -> None:
    assert set(ACTION_WORDS) == set(Action)
    assert set(ROLE_WORDS) == set(SHORT_ROLES) == set(Role)
    assert set(REACH_WORDS) == set(Reach)


def test_the_table_of_actions_has_a_column_for_each_role() -> None:
    rows = {row[0]: row for row in rights_rows()}

    assert set(rows) == {action.value for action in Action}
    assert {len(row) for row in rows.values()} == {len(rights_columns())}
    decide = dict(zip(rights_columns(), rows["request.decide"], strict=True))
    assert (decide["régulateur"], decide["OSNP"], decide["coordinateur"]) == ("territoire", "–", "–")
