"""The page of a magic link: one purpose, one use, no password; reading it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from api.security import service as security
from api.security.facts import IssuedLink
from slots.agenda import service as agenda
from slots.agenda.facts import Offer, SlotFilter, Wish
from snp.assignment.facts import Audience, Mode
from snp.directory import service as directory
from tests.support.agenda import local
from tests.support.directory import ADMINISTRATOR
from tests.support.pages import Form, Page, Service, Visitor

pytestmark = pytest.mark.database

DAYS = iter(range(1, 20))


@pytest.fixture
def starts() -> list[datetime]:
    """Two instants of a day that no other test uses."""
    day = next(DAYS)
    first = local("2027-01-11 18:00") + timedelta(days=7 * (day - 1))
    return [first, first + timedelta(minutes=15)]


def make(service: Service, starts: list[datetime], *, hours: int = 48) -> IssuedLink:
    doctor = service.town.doctors[0]
    now = service.clock.now()
    with service.wiring.transaction() as session:
        site = directory.get_practitioner(session, doctor, now=now).site_ids[0]
        offer = Offer(
            site,
            Mode.AMB,
            frozenset({Audience.REGULATION}),
            frozenset({service.town.territory}),
            slot_minutes=15,
        )
        return security.create_link(
            session,
            doctor,
            [Wish(start, offer) for start in starts],
            lifetime=timedelta(hours=hours),
            codes=service.wiring.keys.hasher(),
            by=ADMINISTRATOR,
            now=now,
        )


def published(service: Service, starts: list[datetime]) -> list[datetime]:
    query = SlotFilter(
        practitioner_ids=frozenset({service.town.doctors[0]}),
        starts_from=starts[0],
        starts_before=starts[-1] + timedelta(minutes=1),
    )
    with service.wiring.transaction() as session:
        return [one.start for one in agenda.list_slots(session, query, now=service.clock.now()).items]


@pytest.fixture
def clock(service: Service) -> Iterator[Service]:
    """The service, whose clock is put back afterwards."""
    before = service.clock.instant
    yield service
    service.clock.instant = before


def ask(page: Page) -> Form:
    return next(form for form in page.forms if form.action.startswith("/lien/"))


def test_one_tap_publishes_the_slots_proposed(
    service: Service, visitor: Visitor, starts: list[datetime]
) -> None:
    link = make(service, starts)
    page = visitor.see(f"/lien/{link.secret}")
    assert page.status == 200
    assert "Dr Anne Guillou" in page.text
    page = visitor.send(ask(page), reponse="publier")
    assert "2 créneaux publiés." in page.text
    assert published(service, starts) == starts


def test_reading_the_link_changes_nothing(service: Service, visitor: Visitor, starts: list[datetime]) -> None:
    link = make(service, starts)
    for _ in range(3):
        assert visitor.see(f"/lien/{link.secret}").status == 200
    assert published(service, starts) == []
    with service.wiring.transaction() as session:
        assert security.get_link(session, link.view.id).used_at is None


def test_only_what_is_ticked_is_published(service: Service, visitor: Visitor, starts: list[datetime]) -> None:
    form = ask(visitor.see(f"/lien/{make(service, starts).secret}"))
    form.fields = [("creneau_1", "oui")]
    assert "Un créneau publié." in visitor.send(form, reponse="publier").text
    assert published(service, starts) == starts[1:]


def test_publishing_nothing_is_asked_again(
    service: Service, visitor: Visitor, starts: list[datetime]
) -> None:
    form = ask(visitor.see(f"/lien/{make(service, starts).secret}"))
    form.fields = []
    page = visitor.send(form, reponse="publier")
    assert page.status == 422
    assert "Cochez au moins un créneau" in page.text


def test_a_form_cannot_ask_for_more_than_the_link_proposes(
    service: Service, visitor: Visitor, starts: list[datetime]
) -> None:
    form = ask(visitor.see(f"/lien/{make(service, starts).secret}"))
    form.fields = [("creneau_7", "oui"), ("creneau_-1", "oui"), ("jour", "2027-03-01")]
    assert visitor.send(form, reponse="publier").status == 422


def test_declining_publishes_nothing_and_uses_the_link_up(
    service: Service, visitor: Visitor, starts: list[datetime]
) -> None:
    link = make(service, starts)
    form = ask(visitor.see(f"/lien/{link.secret}"))
    assert "C’est noté" in visitor.send(form, reponse="refuser").text
    assert "C’est noté" in visitor.send(form, reponse="publier").text
    assert published(service, starts) == []


def test_a_second_sending_finds_the_first_and_publishes_nothing_more(
    service: Service, visitor: Visitor, starts: list[datetime]
) -> None:
    form = ask(visitor.see(f"/lien/{make(service, starts).secret}"))
    visitor.send(form, reponse="publier")
    assert "2 créneaux publiés." in visitor.send(form, reponse="publier").text
    assert published(service, starts) == starts


def test_a_slot_published_meanwhile_is_shown_as_impossible(
    service: Service, visitor: Visitor, starts: list[datetime]
) -> None:
    first, second = make(service, starts[:1]), make(service, starts)
    visitor.send(ask(visitor.see(f"/lien/{first.secret}")), reponse="publier")
    page = visitor.see(f"/lien/{second.secret}")
    assert "occupe déjà ce moment" in page.text
    assert [name for name, _ in ask(page).fields] == ["creneau_1"]


def test_a_link_whose_slots_are_all_impossible_is_not_used_up(
    service: Service, visitor: Visitor, starts: list[datetime]
) -> None:
    link, other = make(service, starts), make(service, starts)
    slow = ask(visitor.see(f"/lien/{link.secret}"))
    visitor.send(ask(visitor.see(f"/lien/{other.secret}")), reponse="publier")
    page = visitor.send(slow, reponse="publier")
    assert page.status == 422
    assert "occupe déjà ce moment" in page.text
    with service.wiring.transaction() as session:
        assert security.get_link(session, link.view.id).used_at is None


def test_an_expired_link_says_what_to_do(clock: Service, visitor: Visitor, starts: list[datetime]) -> None:
    link = make(clock, starts, hours=1)
    form = ask(visitor.see(f"/lien/{link.secret}"))
    clock.clock.instant += timedelta(hours=1)
    page = visitor.see(f"/lien/{link.secret}")
    assert page.status == 410
    assert "Ce lien a expiré" in page.text
    assert "Ce lien a expiré" in visitor.send(form, reponse="publier").text
    assert published(clock, starts) == []


def test_a_revoked_link_says_so(service: Service, visitor: Visitor, starts: list[datetime]) -> None:
    link = make(service, starts)
    with service.wiring.transaction() as session:
        security.revoke_link(session, link.view.id, now=service.clock.now())
    page = visitor.see(f"/lien/{link.secret}")
    assert (page.status, "Ce lien a été annulé" in page.text) == (410, True)


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"), lambda _: "x"]
)
def test_a_link_that_nobody_signed_is_not_valid(
    service: Service, visitor: Visitor, starts: list[datetime], change: object
) -> None:
    assert callable(change)
    page = visitor.see(f"/lien/{change(make(service, starts).secret)}")
    assert (page.status, "Ce lien n’est pas valable" in page.text) == (404, True)


def test_the_secret_reaches_no_cache_no_other_site_and_no_log(
    service: Service, visitor: Visitor, starts: list[datetime], capsys: pytest.CaptureFixture[str]
) -> None:
    link = make(service, starts)
    page = visitor.see(f"/lien/{link.secret}")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    visitor.send(ask(page), reponse="publier")
    said = capsys.readouterr()
    assert "agenda.link.show" in said.out + said.err
    assert link.secret not in said.out + said.err


def test_the_secret_is_not_in_the_database(service: Service, starts: list[datetime]) -> None:
    import sqlalchemy as sa

    link = make(service, starts)
    with service.wiring.transaction() as session:
        row = session.execute(
            sa.text("SELECT magic_link::text FROM magic_link WHERE id = :id"), {"id": link.view.id}
        ).scalar_one()
    assert link.secret not in row


def test_the_link_opens_nothing_else(service: Service, visitor: Visitor, starts: list[datetime]) -> None:
    visitor.see(f"/lien/{make(service, starts).secret}")
    assert visitor.see("/agenda").path == "/connexion"
