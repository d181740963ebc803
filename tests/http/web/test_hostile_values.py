"""Whatever stands in an address or a form: no page leads to another site, adds a header, or falls over.

The routes are walked whole, so that a page added later is judged here too.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.main import create_app
from api.web.rendering import TEMPLATES
from api.web.sign_in import within
from tests.support.pages import Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
NOBODY = "00000000-0000-7000-8000-000000000000"
ELSEWHERE = (
    *("//ailleurs.example", "https://ailleurs.example/", "/\\ailleurs.example", "\\\\ailleurs.example"),
    *("/%2f/ailleurs.example", "javascript:alert(1)", "/\t/ailleurs.example", "https:ailleurs.example"),
    *(
        "/\r\nX-Injected: 1",
        "/%0d%0aX-Injected: 1",
        "///ailleurs.example",
        "/.//ailleurs.example",
        "/@ailleurs",
    ),
    *(" //ailleurs.example", "/a:b@ailleurs.example", "data:text/html,x", "", "/" + "a" * 300),
)
ONWARD = (
    "suite",
    "retour",
    "next",
    "info",
    "dit",
    "territoire",
    "mois",
    "reprendre",
    "redirect",
    "url",
    "origin",
)


def page_routes(service: Service) -> Iterator[tuple[str, str]]:
    app = create_app(service.wiring.settings, engine=service.wiring.engine, keys=service.wiring.keys)
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        is_page = isinstance(route.original_route, APIRoute) and not path.startswith(("/api", "/fhir"))
        if is_page and not path.endswith(("/en-direct", "/deconnexion")):  # a stream never ends
            for method in route.methods or ():
                yield method, re.sub(r"\{[^}]+\}", NOBODY, path)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_what_follows_the_sign_in_is_a_page_of_ours(address: str) -> None:
    onward = within(address)

    assert onward.startswith("/")
    assert not onward.startswith(("//", "/\\"))
    assert not set(onward) & set("\\\r\n\t:@%")


@pytest.mark.parametrize("login", ["pharmacie", "coordination"])
def test_no_page_leads_elsewhere_or_says_a_header_of_somebody_else(
    signed_in: SignIn, service: Service, login: str
) -> None:
    visitor = signed_in(login)
    token = dict(visitor.see("/").form("/deconnexion").fields)["csrf_token"]
    hostile = ("//ailleurs.example", "/\r\nX-Injected: 1")
    with httpx.Client(base_url=service.address, cookies=dict(visitor.cookies), timeout=20) as client:
        walked = list(page_routes(service))
        for number, (method, path) in enumerate(walked):
            values: dict[str, Any] = dict.fromkeys(ONWARD, hostile[number % 2])
            form = values | {"csrf_token": token} if method == "POST" else None
            answer = client.request(
                method,
                path,
                params=values,
                data=form,
                headers={"Accept": "text/html"},
                follow_redirects=False,
            )
            told = f"{method} {path} → {answer.status_code}"
            assert answer.status_code < 500, told
            assert "x-injected" not in answer.headers, told
            onward = answer.headers.get("location", "/")
            assert onward.startswith("/"), f"{told} {onward}"
            assert not onward.startswith(("//", "/\\")), f"{told} {onward}"
    assert len(walked) > 100


UPLOADS = {
    "classeur.csv": b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00" + b"\x00" * 40,
    "image.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40,
    "page.csv": b"<!DOCTYPE html><script>alert(1)</script>\r\n",
    "fiche.csv": b"%PDF-1.7\r\n%\xe2\xe3\xcf\xd3\r\n",
    "archive.csv": gzip.compress(b"rpps;nom\r\n" + b"0" * 10_000_000),
    "programme.csv": b"\x7fELF\x02\x01\x01" + b"\x00" * 40,
    "personnes.xlsx": b"rpps;nom\r\n1;a\r\n",
    "../../etc/passwd": b"rpps;nom\r\n1;a\r\n",
    'a"\r\nX-Injected: 1.csv': b"rpps;nom\r\n1;a\r\n",
}


def test_a_file_is_judged_by_what_it_holds_and_by_its_name(signed_in: SignIn, service: Service) -> None:
    visitor = signed_in("coordination")
    page = visitor.see(f"/premiers-pas/professionnels?territoire={service.town.territory}")
    form = next(form for form in page.forms if "/professionnels/verifier" in form.action)
    for name, content in UPLOADS.items():
        answer = visitor.send_file(form, "fichier", name, content)
        assert answer.status == 422, (name, answer.status)
        assert "<script>alert" not in answer.html
        assert "x-injected" not in answer.headers


def test_the_only_form_that_takes_a_file_is_tried_here() -> None:
    forms = [
        one.name for one in TEMPLATES.rglob("*.html") if 'type="file"' in one.read_text(encoding="utf-8")
    ]

    assert forms == ["people.html"]


def test_a_form_of_many_parts_or_packed_bytes_is_refused_and_never_unpacked(
    signed_in: SignIn, service: Service
) -> None:
    visitor = signed_in("coordination")
    address = f"{service.address}/premiers-pas/professionnels/verifier"
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%d"\r\n\r\n1\r\n' % n for n in range(1_100)
    )
    files = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="%d.csv"\r\n\r\n1\r\n' % n
        for n in range(1_100)
    )
    bomb = gzip.compress(b'{"a": "' + b"0" * 50_000_000 + b'"}')
    json = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept": "application/json"}
    with httpx.Client(cookies=dict(visitor.cookies), timeout=60) as client:
        for body in (parts, files, parts[:30], b"--x", b""):
            form = {"Content-Type": "multipart/form-data; boundary=x"}
            assert 400 <= client.post(address, content=body + b"--x--\r\n", headers=form).status_code < 500
        form = {"Content-Type": "multipart/form-data"}
        assert 400 <= client.post(address, content=parts, headers=form).status_code < 500
        packed = {"Content-Type": "multipart/form-data; boundary=x", "Content-Encoding": "gzip"}
        assert 400 <= client.post(address, content=bomb, headers=packed).status_code < 500
        for path in ("/api/v1/requests", "/oauth/token", "/fhir/Practitioner"):
            assert 400 <= client.post(service.address + path, content=bomb, headers=json).status_code < 500


def test_a_file_of_too_many_rows_or_bytes_is_refused(signed_in: SignIn, service: Service) -> None:
    visitor = signed_in("coordination")
    page = visitor.see(f"/premiers-pas/professionnels?territoire={service.town.territory}")
    form = next(form for form in page.forms if "/professionnels/verifier" in form.action)

    assert visitor.send_file(form, "fichier", "a.csv", b"x" * 800_000).status == 422
    assert visitor.send_file(form, "fichier", "a.csv", b"x" * 1_100_000).status == 413


def test_days_at_the_ends_of_the_calendar_are_told_beside_their_field(signed_in: SignIn) -> None:
    page = signed_in("dpo").see("/protection?du=0001-01-01&au=9999-12-31")

    assert page.status < 500
    assert "L’année va de 2000 à 2099" in page.text
