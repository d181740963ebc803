"""Who hears of what, how much is kept for a slow page, and how many may listen."""

from __future__ import annotations

import asyncio
from typing import TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from api.live.hub import MOST_FOR_ONE, Hub, Kind, Subscription
from api.live.stream import events
from snp.platform import listening
from tests.support.apart import run_apart

RETZ, MONTAIGU = UUID(int=1), UUID(int=2)
BOTH = frozenset(Kind)
T = TypeVar("T")
SOON = 0.01


class Silent(listening.Listener):
    """A listener that hears nothing by itself."""

    def start(self) -> None:
        """Stay silent."""

    def stop(self) -> None:
        """Stay silent."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr("api.live.hub.Listener", Silent)
    return Hub(lambda: sa.make_url("postgresql://nobody@127.0.0.1/nowhere"), most=10)


def opened(
    hub: Hub, *territories: UUID, age: float | None = 0.0, kinds: frozenset[Kind] = BOTH
) -> Subscription:
    stream = hub.subscribe("account:1", frozenset(territories), kinds, drawn_seconds_ago=age)
    assert stream is not None
    return stream


async def told(stream: Subscription) -> frozenset[Kind]:
    await asyncio.sleep(0)
    return await stream.changes(within_seconds=SOON)


def test_a_stream_hears_of_its_own_territories_only(hub: Hub) -> None:
    async def scene() -> None:
        near, far = opened(hub, RETZ), opened(hub, MONTAIGU)
        hub._heard(f"slots {RETZ}")
        assert await told(near) == {Kind.SLOTS}
        assert await told(far) == frozenset()

    run_apart(scene())


def test_a_stream_hears_of_its_kinds_only(hub: Hub) -> None:
    async def scene() -> None:
        desk = opened(hub, RETZ, kinds=frozenset({Kind.SLOTS}))
        hub._heard(f"requests {RETZ}")
        assert await told(desk) == frozenset()

    run_apart(scene())


def test_a_hundred_changes_are_told_once(hub: Hub) -> None:
    async def scene() -> None:
        stream = opened(hub, RETZ)
        for _ in range(100):
            hub._heard(f"slots {RETZ}")
        assert await told(stream) == {Kind.SLOTS}
        assert await told(stream) == frozenset()

    run_apart(scene())


def test_what_changed_between_the_page_and_its_stream_is_told_at_once(hub: Hub) -> None:
    async def scene() -> None:
        hub._heard(f"slots {RETZ}")
        assert await told(opened(hub, RETZ, age=1.0)) == {Kind.SLOTS}
        assert await told(opened(hub, MONTAIGU, age=1.0)) == frozenset()

    run_apart(scene())


def test_a_stream_taken_up_again_may_have_missed_anything(hub: Hub) -> None:
    async def scene() -> None:
        assert await told(opened(hub, RETZ, age=None)) == BOTH

    run_apart(scene())


def test_after_the_database_came_back_everything_may_have_changed(hub: Hub) -> None:
    async def scene() -> None:
        stream = opened(hub, RETZ)
        hub._resumed()
        assert await told(stream) == BOTH

    run_apart(scene())


def test_what_is_not_understood_is_not_passed_on(hub: Hub) -> None:
    async def scene() -> None:
        stream = opened(hub, RETZ)
        for payload in ("", "slots", "slots nowhere", f"weather {RETZ}"):
            hub._heard(payload)
        assert await told(stream) == frozenset()

    run_apart(scene())


def test_one_account_has_so_many_streams_and_the_process_so_many(hub: Hub) -> None:
    async def scene() -> None:
        mine = [opened(hub, RETZ) for _ in range(MOST_FOR_ONE)]
        assert hub.subscribe("account:1", None, BOTH, drawn_seconds_ago=0.0) is None
        hub.unsubscribe(mine[0])
        assert hub.subscribe("account:1", None, BOTH, drawn_seconds_ago=0.0) is not None
        others = [hub.subscribe(f"account:{n}", None, BOTH, drawn_seconds_ago=0.0) for n in range(2, 9)]
        assert hub.streams == 10
        assert others[-1] is None

    run_apart(scene())


def test_a_stream_says_kinds_and_numbers_and_nothing_else(hub: Hub) -> None:
    async def scene() -> str:
        stream = opened(hub, RETZ)
        hub._heard(f"slots {RETZ}")
        hub._heard(f"requests {RETZ}")
        text = ""
        async for part in events(hub, stream):
            text += part
            if "slots" in text:
                hub.close()
        return text

    text = run_apart(scene())
    assert text == (
        "retry: 2000\nid: 0\n\nid: 1\nevent: requests\ndata: 1\n\nid: 2\nevent: slots\ndata: 2\n\n"
    )
    assert hub.streams == 0


def test_a_closed_hub_opens_no_stream(hub: Hub) -> None:
    async def scene() -> None:
        hub.close()
        assert hub.subscribe("account:1", None, BOTH, drawn_seconds_ago=0.0) is None

    run_apart(scene())
