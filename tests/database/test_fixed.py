"""Statements made once: named values, constants, rows of the driver's own kinds."""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from snp.platform.db import violated_constraint
from snp.platform.fixed import Fixed, a_document, a_text, a_uuid, any_text, as_document


class Colour(StrEnum):
    """A closed list."""

    RED = "red"


def test_the_same_statement_is_sent_again_with_other_values(session: Session) -> None:
    told = Fixed(sa.select(a_text("word").label("word"), a_uuid("ident").label("ident")))
    first, second = uuid4(), uuid4()

    assert told.run(session, word="un", ident=first).one() == ("un", first)
    assert told.run(session, word="deux % :x", ident=second).one() == ("deux % :x", second)


def test_constants_of_a_closed_list_are_written_by_their_value(session: Session) -> None:
    told = Fixed(sa.select(sa.literal(Colour.RED, sa.Text()).label("colour")))

    assert told.run(session).scalar() == "red"


def test_documents_go_in_as_text_and_come_out_parsed(session: Session) -> None:
    told = Fixed(sa.select(a_document("document").label("document")))

    assert told.run(session, document=as_document({"é": [1, None]})).scalar() == {"é": [1, None]}


def test_a_column_is_compared_with_any_of_several(session: Session) -> None:
    told = Fixed(sa.select(sa.literal("b", sa.Text()) == any_text("words")))

    assert told.run(session, words=["a", "b"]).scalar() is True
    assert told.run(session, words=[]).scalar() is False


def test_one_of_several_is_sent_as_an_equation(session: Session) -> None:
    told = Fixed(sa.select(sa.literal("b", sa.Text()) == any_text("words")))
    prepared = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :text")

    for _ in range(10):
        assert told.run(session, words=["b"]).scalar() is True
        assert told.run(session, words=["a"]).scalar() is False

    assert session.execute(prepared, {"text": "%= $2::TEXT AS%"}).scalar_one() == 1


def test_a_list_that_is_used_otherwise_too_stays_a_list(session: Session) -> None:
    words = sa.bindparam("words", type_=sa.ARRAY(sa.Text()))
    told = Fixed(
        sa.select((sa.literal("b", sa.Text()) == any_text("words")).label("is_in"), words.label("words"))
    )

    assert told.run(session, words=["b"]).one() == (True, ["b"])


def test_a_refusal_names_its_constraint_and_keeps_the_values_to_itself(session: Session) -> None:
    taken = Fixed(sa.text("INSERT INTO commune SELECT * FROM commune WHERE insee = :insee"))
    session.execute(
        sa.text(
            "INSERT INTO commune (insee, name, search_name, postal_codes, department, population, lat, lon)"
            " VALUES ('99999', 'Essai', 'essai', '{}', '99', 1, 0, 0)"
        )
    )

    with pytest.raises(sa.exc.IntegrityError) as refusal:
        taken.run(session, insee="99999")

    assert violated_constraint(refusal.value) == "pk_commune"
    assert "99999" not in str(refusal.value.params)
