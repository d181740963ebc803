"""Of many processes one leads, and another takes over when it is gone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from snp.platform.leadership import Leadership, advisory_key

pytestmark = pytest.mark.database


def test_only_one_leads(database_url: sa.URL):
    with Leadership(database_url, "jobs") as one, Leadership(database_url, "jobs") as other:
        assert one.acquire()
        assert not other.acquire()
        assert one.acquire(), "asking again changes nothing"
        assert one.held()
        assert not other.held()


def test_offices_are_independent(database_url: sa.URL):
    with Leadership(database_url, "jobs") as one, Leadership(database_url, "mail") as other:
        assert one.acquire()
        assert other.acquire()


def test_who_gives_up_is_replaced(database_url: sa.URL):
    with Leadership(database_url, "jobs") as one, Leadership(database_url, "jobs") as other:
        assert one.acquire()
        one.release()
        assert not one.held()
        assert other.acquire()


def test_who_loses_its_connection_knows_and_is_replaced(database_url: sa.URL, engine: sa.Engine):
    with Leadership(database_url, "jobs") as one, Leadership(database_url, "jobs") as other:
        assert one.acquire()
        with engine.connect() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name LIKE 'snp-leader%' AND datname = current_database()"
                )
            )
        assert not one.held()
        assert other.acquire()
        assert not one.acquire()


def test_without_a_server_nobody_leads(database_url: sa.URL):
    nowhere = database_url.set(database="no_such_database")
    with Leadership(nowhere, "jobs") as one:
        assert not one.acquire()
        assert not one.held()


def test_a_key_is_stable_and_fits_a_signed_integer():
    assert advisory_key("jobs") == advisory_key("jobs") != advisory_key("mail")
    assert 0 <= advisory_key("jobs") < 2**63
