"""A route that forgets its filter, asked by every role over HTTP: PostgreSQL shows it one's own alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import pytest
import sqlalchemy as sa
from fastapi import Depends
from sqlmodel import Session

from api.deps import Allow, SessionDep
from api.security import service as security
from api.security.facts import NewAccount
from api.security.rights import Action
from api.separation import SecondLock
from snp.platform import near
from snp.platform.actors import Actor, Role, system
from tests.support.http import NOW, World, a_patient, book, expect, open_request, publish, seeking_request
from tests.support.pages import PASSWORD

CARELESS = "/careless"
BOUND = ("arm", "osnp", "regulateur", "coordinator", "dpo", "pharmacy", "nurse_practice", "practitioner")
_WRITTEN = ("appointment", "appointment_status", "audit_entry", "hold", "outbox_message", "request_move")
_WITNESS = """
CREATE TABLE witness (place text, who text);
CREATE FUNCTION bear_witness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO witness VALUES (TG_TABLE_NAME, current_user); RETURN NULL; END $$;
""" + "".join(
    f"CREATE TRIGGER seen AFTER INSERT ON {place} FOR EACH ROW EXECUTE FUNCTION bear_witness();"
    for place in _WRITTEN
)
_SEEN = sa.text("SELECT DISTINCT territory_id::text FROM request")
_WHO = sa.text("SELECT current_user")


def _look(session: Session) -> dict[str, Any]:
    return {"role": session.scalar(_WHO), "territories": sorted(session.execute(_SEEN).scalars())}


def careless(session: SessionDep, by: Annotated[Actor, Depends(Allow(Action.SELF))]) -> list[dict[str, Any]]:
    """Return the territories of every dossier, in two transactions of one request."""
    del by
    first = _look(session)
    session.commit()
    return [first, _look(session)]


@pytest.fixture
def both(world: World) -> Iterator[World]:
    """A dossier here and one next door, and the careless route for the length of a test."""
    open_request(world)
    body = {"territory_id": str(world.neighbour.id), "patient": a_patient(family_name="Voisin")}
    expect(world.neighbour_arm.post("/api/v1/requests", json=body), 201)
    router = world.service.app.router
    before = list(router.routes)
    world.service.app.add_api_route(CARELESS, careless)
    router.routes.insert(0, router.routes.pop())
    yield world
    router.routes[:] = before


@pytest.mark.parametrize("role", BOUND)
def test_a_careless_route_shows_ones_own_territory_alone_in_each_transaction(both: World, role: str):
    seen = expect(both.caller(role).get(CARELESS), 200)
    assert seen == [{"role": near.ROLE, "territories": [str(both.territory.id)]}] * 2


def test_an_administrator_sees_all_and_a_setting_opens_the_lock(both: World):
    everywhere = sorted([str(both.territory.id), str(both.neighbour.id)])
    for one in expect(both.administrator.get(CARELESS), 200):
        assert one["territories"] == everywhere
        assert one["role"] != near.ROLE
    both.service.wiring.second_lock = SecondLock(wanted=False)
    assert expect(both.osnp.get(CARELESS), 200)[0]["territories"] == everywhere


def test_a_signed_in_page_is_bound_as_a_key_is(both: World):
    with both.service.session() as session:
        new = NewAccount("c.retz", "Coordination", Role.COORDINATOR, PASSWORD, (both.territory.id,))
        security.create_account(session, new, by=system("tests"), now=both.service.clock.now())
    page = both.service.caller()
    page.post("/connexion", data={"identifiant": "c.retz", "mot_de_passe": PASSWORD})
    here = {"role": near.ROLE, "territories": [str(both.territory.id)]}
    assert expect(page.get(CARELESS), 200) == [here, here]


def test_where_the_role_is_away_the_service_goes_on_with_one_lock(both: World):
    with both.service.session() as session:
        session.execute(sa.text("REVOKE SELECT ON patient FROM snp_near"))
    both.service.wiring.second_lock = SecondLock(wanted=True)
    (first, _) = expect(both.osnp.get(CARELESS), 200)
    assert first["role"] != near.ROLE

    with both.service.session() as session:
        session.execute(sa.text(f"SELECT {near.LET_IN}()"))
    both.service.wiring.second_lock = SecondLock(wanted=True)
    assert expect(both.osnp.get(CARELESS), 200)[0]["role"] == near.ROLE


def test_every_row_of_a_booking_is_written_under_the_role(world: World):
    publish(world, NOW + timedelta(hours=3))
    request = seeking_request(world)
    with world.service.session() as session:
        session.connection().exec_driver_sql(_WITNESS)
    book(world, request["id"])
    with world.service.session() as session:
        seen = session.execute(sa.text("SELECT DISTINCT place, who FROM witness")).all()
    assert {tuple(row) for row in seen} == {(place, near.ROLE) for place in _WRITTEN}
