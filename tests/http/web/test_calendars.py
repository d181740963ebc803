"""Calendars both ways: his slots in his calendar, and his calendar over his slots."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import vobject

from api.jobs.calendars import refresh_calendars
from tests.http.web.test_agenda import publish
from tests.http.web.test_desk import ticket
from tests.support.agenda import local
from tests.support.pages import Page, Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]


class Calendar(BaseHTTPRequestHandler):
    """Somebody's own calendar, served with an ETag; `broken` answers 500."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(self.headers.get("If-None-Match"))
        status = 500 if server.broken else 304 if self.headers.get("If-None-Match") == server.tag else 200
        body = server.text if status == 200 else b""
        self.send_response(status)
        self.send_header("ETag", server.tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def text_of(*spans: tuple[datetime, datetime], uid: str = "@ailleurs") -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}{uid}\r\nSUMMARY:Jean Secret\r\nDTSTART:{a:%Y%m%dT%H%M%SZ}\r\n"
        f"DTEND:{b:%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\n"
        for n, (a, b) in enumerate(spans)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n".encode()


@pytest.fixture
def his_calendar(service: Service) -> Iterator[Any]:
    """A server of the practitioner's own calendar, that the service is allowed to ask."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Calendar)
    server.text, server.tag, server.broken, server.asked = text_of(), '"1"', False, []
    server.address = f"http://127.0.0.1:{server.server_address[1]}/moi.ics?cle=secrete"
    before, clock = service.wiring.settings, service.clock.instant
    host = f"127.0.0.1:{server.server_address[1]}"
    service.wiring.settings = before.model_copy(update={"calendar_hosts": host})
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    service.wiring.settings, service.clock.instant = before, clock
    server.shutdown()
    server.server_close()
    thread.join()


def change(server: Any, *spans: tuple[datetime, datetime]) -> None:
    server.text, server.tag = text_of(*spans), f'"{len(server.asked)}-{len(spans)}-changed"'


def add(visitor: Visitor, address: str) -> Page:
    form = visitor.see("/agenda/calendriers").form("/agenda/calendriers")
    return visitor.send(form, adresse=address)


def refresh(service: Service) -> int:
    service.clock.advance(timedelta(minutes=16))
    return refresh_calendars(service.wiring)


def forget_all(visitor: Visitor) -> None:
    while True:
        page = visitor.see("/agenda/calendriers")
        forms = [form for form in page.forms if form.action.endswith("/retirer")]
        if not forms:
            return
        visitor.send(forms[0])


def feed_address(visitor: Visitor) -> str:
    page = visitor.see("/agenda/calendriers")
    page = visitor.send(page.form("/adresse"))
    found = re.search(r'id="adresse-privee">([^<]+)<', page.html)
    assert found
    return found[1]


def test_busy_times_hide_free_slots_with_a_notice_and_give_them_back(
    signed_in: SignIn, service: Service, his_calendar: Any
) -> None:
    visitor = signed_in("guillou")
    publish(visitor, "11/01", "9h")
    change(his_calendar, (local("2027-01-11 09:15"), local("2027-01-11 10:00")))
    assert "sera lu dans la minute" in add(visitor, his_calendar.address).text
    service.clock.instant = local("2026-12-20 10:00")
    visitor = signed_in("guillou")
    assert refresh(service) == 1
    week = visitor.see("/agenda?semaine=2027-01-11")
    assert week.text.count("masqué : votre calendrier vous dit pris") == 1
    assert "Calendrier" not in visitor.see("/agenda/absences").text.split("Je serai absent")[1]
    refresh(service)
    assert his_calendar.asked[-1] == his_calendar.tag
    change(his_calendar)
    refresh(service)
    week = visitor.see("/agenda?semaine=2027-01-11")
    assert "votre calendrier" not in week.text
    assert week.html.count("/retirer") == 2
    forget_all(visitor)


def test_publishing_where_the_calendar_says_busy_is_told_at_once(
    signed_in: SignIn, service: Service, his_calendar: Any
) -> None:
    change(his_calendar, (local("2027-01-18 09:00"), local("2027-01-18 09:20")))
    service.clock.instant = local("2026-12-20 10:00")
    visitor = signed_in("guillou")
    add(visitor, his_calendar.address)
    refresh(service)
    page = publish(visitor, "18/01", "9h")
    assert "2 créneaux sont masqués : votre calendrier vous dit pris" in page.text
    page = visitor.send(visitor.see("/agenda/calendriers").form("/retirer"))
    assert "ce qu’il masquait est revenu" in page.text
    assert visitor.see("/agenda?semaine=2027-01-18").html.count("/retirer") == 2


def test_a_taken_slot_stays_and_is_warned_of(signed_in: SignIn, service: Service, his_calendar: Any) -> None:
    booked = ticket(signed_in("pharmacie"), "Occupé")
    assert booked.status == 200
    change(his_calendar, (local("2026-11-24 08:00"), local("2026-11-27 20:00")))
    visitor = signed_in("guillou")
    add(visitor, his_calendar.address)
    refresh(service)
    page = visitor.see("/agenda")
    assert "Jeanne OCCUPÉ" in page.text
    assert "Votre calendrier vous dit pris à cette heure" in page.text
    assert "masqué : votre calendrier vous dit pris" in page.text
    forget_all(visitor)
    assert "alendrier vous dit pris" not in visitor.see("/agenda").text


def test_a_calendar_that_breaks_keeps_its_last_good_state_and_says_so(
    signed_in: SignIn, service: Service, his_calendar: Any
) -> None:
    service.clock.instant = local("2026-12-20 10:00")
    visitor = signed_in("guillou")
    publish(visitor, "25/01", "9h", patients=1)
    change(his_calendar, (local("2027-01-25 09:00"), local("2027-01-25 10:00")))
    add(visitor, his_calendar.address)
    refresh(service)
    his_calendar.broken = True
    refresh(service)
    page = visitor.see("/agenda?semaine=2027-01-25")
    assert "ne se lit plus" in page.text
    assert "masqué : votre calendrier vous dit pris" in page.text
    page = visitor.see("/agenda/calendriers")
    assert "son serveur le refuse" in page.text
    assert "Ce qu’il disait avant reste appliqué" in page.text
    his_calendar.broken = False
    refresh(service)
    assert "ne se lit plus" not in visitor.see("/agenda").text
    forget_all(visitor)


@pytest.mark.parametrize("address", ["http://127.0.0.1/a.ics", "https://10.0.0.1/a", "moncalendrier", ""])
def test_an_address_that_is_never_fetched_is_told_beside_the_field(signed_in: SignIn, address: str) -> None:
    page = add(signed_in("guillou"), address)
    assert page.status == 422
    assert 'id="adresse-erreur"' in page.html
    assert f'value="{address}"' in page.html


def test_an_imported_address_is_a_secret_and_titles_are_not_kept(
    signed_in: SignIn, service: Service, his_calendar: Any
) -> None:
    import sqlalchemy as sa

    visitor = signed_in("guillou")
    change(his_calendar, (local("2026-12-24 09:00"), local("2026-12-24 10:00")))
    page = add(visitor, his_calendar.address)
    refresh(service)
    assert "cle=secrete" not in page.html
    with service.wiring.transaction() as session:
        dump = "".join(
            str(row)
            for table in ("imported_calendar", "busy_time", "absence", "calendar_absence")
            for row in session.execute(sa.text(f"SELECT t::text FROM {table} t"))
        )
    assert "secrete" not in dump
    assert "Secret" not in dump
    forget_all(visitor)


def test_the_feed_tells_slots_and_appointments_without_a_name(signed_in: SignIn) -> None:
    ticket(signed_in("pharmacie"), "Discret")
    visitor = signed_in("guillou")
    answer = httpx.get(feed_address(visitor))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "DISCRET" not in answer.text
    assert "oreille" not in answer.text
    events = vobject.readOne(answer.text).vevent_list
    states = {event.status.value for event in events}
    assert {"CONFIRMED", "TENTATIVE"} <= states
    again = httpx.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_name_is_told_only_to_who_asked_for_it_and_is_audited(signed_in: SignIn, service: Service) -> None:
    import sqlalchemy as sa

    ticket(signed_in("pharmacie"), "Nommée")
    visitor = signed_in("guillou")
    address = feed_address(visitor)
    before = httpx.get(address)
    form = visitor.see("/agenda/calendriers").form("/noms")
    visitor.send(form, noms="oui")
    named = httpx.get(address, headers={"If-None-Match": before.headers["etag"]})
    assert "Jeanne NOMMÉE" in named.text
    assert "oreille" not in named.text
    with service.wiring.transaction() as session:
        query = sa.text("SELECT count(*) FROM audit_entry WHERE actor LIKE 'feed:%'")
        assert session.execute(query).scalar_one() > 0
    form = visitor.see("/agenda/calendriers").form("/noms")
    form.fields = [pair for pair in form.fields if pair[0] != "noms"]
    visitor.send(form)
    assert "NOMMÉE" not in httpx.get(address).text


def test_a_withdrawn_slot_stays_in_the_feed_as_cancelled_with_a_higher_sequence(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    page = publish(visitor, "17/12", "9h", patients=1)
    address = feed_address(visitor)
    start = local("2026-12-17 09:00")

    def event() -> Any:
        found = vobject.readOne(httpx.get(address).text).vevent_list
        return next(one for one in found if one.dtstart.value == start)

    before = event()
    visitor.send(page.form("/retirer"))
    after = event()
    assert (before.uid.value, after.status.value) == (after.uid.value, "CANCELLED")
    assert int(after.sequence.value) > int(before.sequence.value)


def test_a_changed_or_closed_address_no_longer_answers(signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    first = feed_address(visitor)
    second = feed_address(visitor)
    assert first != second
    assert (httpx.get(first).status_code, httpx.get(second).status_code) == (404, 200)
    page = visitor.see("/agenda/calendriers")
    assert second in page.html
    visitor.send(page.form("/supprimer"))
    assert httpx.get(second).status_code == 404
    assert httpx.get(second[:-5] + "A.ics").status_code == 404


def test_a_calendar_of_somebody_else_is_not_found(signed_in: SignIn, service: Service) -> None:
    from slots.feeds import service as feeds
    from tests.support.directory import ADMINISTRATOR

    with service.wiring.transaction() as session:
        other = feeds.import_calendar(
            session,
            service.town.doctors[1],
            "https://exemple.fr/a.ics",
            keys=service.wiring.keys,
            by=ADMINISTRATOR,
            now=service.clock.now(),
        )
    visitor = signed_in("guillou")
    form = visitor.see("/agenda/calendriers").form("/noms")
    form.action = f"/agenda/calendriers/{other.id}/retirer"
    assert visitor.send(form).status == 404
    with service.wiring.transaction() as session:
        feeds.forget_calendar(session, service.town.doctors[1], other.id, now=service.clock.now())
