"""The table of rights decides: who may do what, over what."""

from __future__ import annotations

from uuid import uuid4

import pytest

from api.security.errors import OutOfReach, ScopeMissing
from api.security.rights import (
    OF_THE_PLATFORM,
    RIGHTS,
    Action,
    Reach,
    Scope,
    Subject,
    check_existing,
    check_named,
    check_new,
    narrowed,
    reach_of,
    unknown_scopes,
    within,
)
from snp.errors import Forbidden, NotFound
from snp.platform.actors import Actor, Role, system

HOME, AWAY, ME, OTHER, SHOP = (uuid4() for _ in range(5))
OSNP = Actor("key:1", Role.OSNP, territories=frozenset({HOME}))
DOCTOR = Actor("account:1", Role.PRACTITIONER, practitioner=ME, territories=frozenset({HOME}))
PHARMACY = Actor("key:2", Role.PHARMACY, organisation=SHOP, territories=frozenset({HOME}))
ADMIN = Actor("account:2", Role.ADMINISTRATOR)


def test_only_the_regulateur_decides() -> None:
    assert set(RIGHTS[Action.REQUEST_DECIDE]) == {Role.REGULATEUR}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR])
def test_who_administers_never_reads_an_identity(role: Role) -> None:
    assert role not in RIGHTS[Action.PATIENT_READ]


def test_a_role_without_the_right_is_refused() -> None:
    with pytest.raises(Forbidden):
        reach_of(PHARMACY, Action.REQUEST_DECIDE)


def test_the_system_reaches_everything() -> None:
    assert all(reach_of(system("job"), action) is Reach.ALL for action in Action)


@pytest.mark.parametrize("action", [action for action in Action if action not in OF_THE_PLATFORM])
def test_who_came_through_the_platform_does_nothing_else(action: Action) -> None:
    visitor = Actor("account:3", Role.REGULATEUR, frozenset({HOME}), from_platform=True)

    with pytest.raises(Forbidden):
        reach_of(visitor, action)


def test_the_platform_s_right_exists_only_in_its_sessions() -> None:
    regulateur = Actor("account:3", Role.REGULATEUR, frozenset({HOME}))
    star = Actor("key:3", Role.REGULATEUR, frozenset({HOME}), scopes=frozenset({"*"}))

    for actor in (regulateur, star, OSNP, ADMIN):
        with pytest.raises(Forbidden):
            reach_of(actor, Action.SAS_BOOK)
    visitor = Actor("account:3", Role.REGULATEUR, from_platform=True)
    assert reach_of(visitor, Action.SAS_BOOK) is Reach.TERRITORY


def test_a_narrow_key_does_not_do_what_its_role_may() -> None:
    narrow = Actor("key:3", Role.OSNP, frozenset({HOME}), scopes=frozenset({Scope.REQUESTS_READ.value}))

    assert reach_of(narrow, Action.REQUEST_READ) is Reach.TERRITORY
    with pytest.raises(ScopeMissing) as refusal:
        reach_of(narrow, Action.REQUEST_OPEN)
    assert refusal.value.fields == {"scope": "requests:write"}


def test_a_star_key_does_what_its_role_may() -> None:
    star = Actor("key:3", Role.OSNP, frozenset({HOME}), scopes=frozenset({"*"}))

    assert reach_of(star, Action.REQUEST_OPEN) is Reach.TERRITORY


def test_a_thing_of_another_territory_is_not_found() -> None:
    with pytest.raises(NotFound):
        check_existing(OSNP, Action.REQUEST_READ, Subject("dossier", 1, territories=frozenset({AWAY})))
    check_existing(OSNP, Action.REQUEST_READ, Subject("dossier", 1, territories=frozenset({AWAY, HOME})))


def test_nothing_is_made_in_another_territory() -> None:
    with pytest.raises(OutOfReach):
        check_new(OSNP, Action.REQUEST_OPEN, Subject("territoire", AWAY, territories=frozenset({AWAY})))


def test_only_ones_own_territories_are_added_or_removed() -> None:
    coordinator = Actor("key:4", Role.COORDINATOR, frozenset({HOME}))
    check_named(coordinator, Action.AGENDA_WRITE, {HOME})
    with pytest.raises(OutOfReach):
        check_named(coordinator, Action.AGENDA_WRITE, {HOME, AWAY})
    check_named(ADMIN, Action.AGENDA_WRITE, {HOME, AWAY})


@pytest.mark.parametrize(
    ("actor", "subject", "is_own"),
    [
        (DOCTOR, Subject("x", practitioners=frozenset({ME})), True),
        (DOCTOR, Subject("x", practitioners=frozenset({OTHER}), territories=frozenset({HOME})), False),
        (DOCTOR, Subject("x", practitioners=frozenset({OTHER}), author="account:1"), True),
        (PHARMACY, Subject("x", organisation=SHOP), True),
        (PHARMACY, Subject("x", organisation=OTHER, territories=frozenset({HOME})), False),
        (Actor("key:9", Role.DELEGATE), Subject("x"), False),
    ],
)
def test_own_is_ones_agenda_ones_desk_and_what_one_brought(
    actor: Actor, subject: Subject, is_own: bool
) -> None:
    assert within(actor, Reach.OWN, subject) is is_own


def test_a_listing_is_narrowed_to_what_may_be_seen() -> None:
    assert narrowed(ADMIN, Action.AGENDA_READ) == (None, None)
    assert narrowed(ADMIN, Action.AGENDA_READ, territory=AWAY) == (frozenset({AWAY}), None)
    assert narrowed(OSNP, Action.AGENDA_READ) == (frozenset({HOME}), None)
    assert narrowed(DOCTOR, Action.AGENDA_READ) == (None, frozenset({ME}))


@pytest.mark.parametrize(
    ("actor", "asked"),
    [
        (OSNP, {"territory": AWAY}),
        (DOCTOR, {"practitioner": OTHER}),
        (Actor("key:9", Role.DELEGATE), {}),
    ],
)
def test_a_listing_of_others_is_refused(actor: Actor, asked: dict[str, object]) -> None:
    with pytest.raises(OutOfReach):
        narrowed(actor, Action.AGENDA_READ, **asked)  # type: ignore[arg-type]


def test_unknown_scopes_are_named() -> None:
    assert unknown_scopes(["*", "desk", "nothing", "all"]) == ["all", "nothing"]
