"""Whatever the service answers, behind TLS, carries what browsers are to be told: pages, files, refusals.

All routes are walked, by nobody and by who may see most, so that one added later is judged here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.deps import SAFE_METHODS
from snp.platform.actors import Role
from tests.support import database as support
from tests.support.pages import PASSWORD, Service, open_account, running_service

pytestmark = pytest.mark.database

NOBODY = "00000000-0000-7000-8000-000000000000"
ENDLESS = ("/en-direct", "/live", "/events")
DOCS = {"/docs", "/redoc"}
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}
PATIENCE = 60
KINDS_ASKED = ("text/html", "application/json", "*/*")
FOREIGN = ({"Origin": "https://ailleurs.example"}, {"Sec-Fetch-Site": "cross-site"})
PROVED_OTHERWISE = {
    "/oauth/token": "by a key in the form",
    f"/connexion/{NOBODY}/fin": "by a signed order of a provider's server",
    f"/api/v1/patient/appointments/{NOBODY}/cancel": "by the code in its address, in JSON",
    "/fhir/Practitioner": "by the platform's certificate, in JSON",
}
STRICTER = {"referrer-policy": "no-referrer"}
"""What a page with a secret in its address says instead."""


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A service that users reach through TLS."""
    with (
        support.clone_of_template(database_server, f"{worker_name}_answers") as url,
        running_service(url, public_url="https://localhost") as running,
    ):
        open_account(running, "coordination", Role.COORDINATOR)
        open_account(running, "guillou", Role.PRACTITIONER)
        yield running


@pytest.fixture(scope="module")
def sessions(service: Service) -> dict[str, str]:
    """The cookie of each visitor, nobody's among them."""
    return {"nobody": "", **{login: cookie_of(service, login) for login in ("guillou", "coordination")}}


def cookie_of(service: Service, login: str) -> str:
    typed = {"identifiant": login, "mot_de_passe": PASSWORD}
    answer = httpx.post(f"{service.address}/connexion", data=typed, timeout=PATIENCE)
    assert answer.status_code == 303, answer.text
    judge(answer)
    return answer.headers["set-cookie"].partition(";")[0]


def judge(answer: httpx.Response) -> None:
    """Hold an answer to what every one of them must say."""
    told, headers = f"{answer.request.method} {answer.request.url} → {answer.status_code}", answer.headers
    for name, value in ALWAYS.items():
        assert headers.get_list(name) in ([value], [STRICTER.get(name)]), (told, name)
    path = answer.request.url.path
    if path not in DOCS:
        (policy,) = headers.get_list("content-security-policy")
        assert dict(one.strip().split(" ", 1) for one in policy.split(";")) == DIRECTIVES, told
    is_kept = path.startswith(("/static/", "/static-offline-docs/"))
    allowed = {"no-store", "no-cache", "public, max-age=31536000, immutable"} if is_kept else {"no-store"}
    assert headers.get_list("cache-control")[0] in allowed, (told, headers.get_list("cache-control"))
    if answer.content:
        assert "content-type" in headers, told
    if answer.status_code in {301, 302, 303, 307, 308}:
        onward = headers["location"].removeprefix(str(answer.request.url.copy_with(raw_path=b"")).rstrip("/"))
        assert re.match(r"/(?![/\\])", onward), (told, onward)
    for cookie in headers.get_list("set-cookie"):
        judge_cookie(cookie, told)
    disposition = headers.get("content-disposition")
    assert disposition is None or re.fullmatch(
        r'attachment; filename="[a-z0-9-]+\.[a-z]{3,4}"', disposition
    ), told
    assert "server" not in headers or headers["server"] == "uvicorn", told  # `snp run` leaves it out


def judge_cookie(cookie: str, told: str) -> None:
    head, *terms = (part.strip() for part in cookie.split(";"))
    said = {term.partition("=")[0].lower(): term.partition("=")[2] for term in terms}
    assert {"secure", "httponly"} <= set(said), (told, cookie)
    assert said["samesite"].lower() == "lax", told
    assert "domain" not in said, told
    assert head.startswith("__Host-" if said["path"] == "/" else "__Secure-"), (told, head)


def walked(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and address of the service, with nobody's identifiers."""
    for route in iter_route_contexts(app.routes):
        path = str(route.path or getattr(route.original_route, "path", ""))
        if not path.endswith(ENDLESS):
            for method in sorted(getattr(route, "methods", None) or {"GET"}):
                yield method, re.sub(r"\{[^}]+\}", NOBODY, path)


@pytest.mark.parametrize(("who", "refusals"), [("nobody", {401, 403}), ("coordination", {403})])
def test_every_route_says_it_and_no_form_of_another_site_is_taken(
    service: Service, sessions: dict[str, str], who: str, refusals: set[int]
) -> None:
    """A browser that another site makes send a form brings its session, and neither token nor our origin."""
    count, taken = 0, []
    with httpx.Client(
        base_url=service.address, headers={"Cookie": sessions[who]}, timeout=PATIENCE
    ) as caller:
        for count, (method, path) in enumerate(walked(service.server.app), 1):
            headers = {"Accept": "*/*" if path.startswith("/api/") else KINDS_ASKED[count % 3]}
            if method not in SAFE_METHODS:
                headers |= FOREIGN[count % 2]
            answer = caller.request(method, path, headers=headers)
            judge(answer)
            assert answer.status_code < 500, (method, path)
            if method not in SAFE_METHODS and answer.status_code not in refusals:
                taken.append((path, answer.status_code))

    assert count > 400
    assert "\n".join(f"{path} {status}" for path, status in taken if path not in PROVED_OTHERWISE) == ""


@contextmanager
def broken_commits(service: Service) -> Iterator[None]:
    def refuse(_connection: sa.Connection) -> None:
        raise RuntimeError

    sa.event.listen(service.wiring.engine, "commit", refuse)
    try:
        yield
    finally:
        sa.event.remove(service.wiring.engine, "commit", refuse)


KINDS: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "page": (200, "GET", "/connexion", {}),
    "head": (405, "HEAD", "/connexion", {}),
    "redirect": (303, "GET", "/", {"headers": {"Accept": "text/html"}}),
    "page not found": (404, "GET", "/nulle-part", {"headers": {"Accept": "text/html"}}),
    "route not found": (404, "GET", "/api/v1/nowhere", {}),
    "not signed in": (401, "GET", "/api/v1/me", {}),
    "method": (405, "DELETE", "/api/v1/me", {}),
    "options": (405, "OPTIONS", "/connexion", {}),
    "unknown host": (400, "GET", "/connexion", {"headers": {"Host": "ailleurs.example"}}),
    "too large": (413, "POST", "/connexion", {"content": b"x" * 1_100_000}),
    "too complex": (413, "POST", "/api/v1/requests", {"json": [[]] * 60_000}),
    "too long": (414, "GET", "/connexion?x=" + "a" * 17_000, {}),
    "foreign form": (403, "POST", "/connexion", {"headers": {"Origin": "https://ailleurs.example"}}),
    "wrong password": (422, "POST", "/connexion", {"data": {"identifiant": "x", "mot_de_passe": "y"}}),
    "fhir": (200, "GET", "/fhir/metadata", {}),
    "fhir refused": (404, "GET", "/fhir/Slot/x/y", {}),
    "static": (200, "GET", "/static/snp.css", {}),
    "static not found": (404, "GET", "/static/nothing.css", {}),
    "static outside": (404, "GET", "/static/..%2f..%2fmain.py", {}),
    "documentation": (200, "GET", "/docs", {}),
    "document": (200, "GET", "/api/openapi.json", {}),
    "health": (200, "GET", "/healthz", {}),
    "metrics": (200, "GET", "/metrics", {}),
    "feed": (404, "GET", f"/calendriers/{'x' * 43}.ics", {}),
    "patient's link": (404, "GET", f"/rdv/{'x' * 43}", {"headers": {"Accept": "text/html"}}),
    "token refused": (401, "POST", "/oauth/token", {"data": {"grant_type": "client_credentials"}}),
    "logout order": (404, "POST", "/connexion/psc/fin", {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_answer_says_it(service: Service, kind: str) -> None:
    status, method, path, terms = KINDS[kind]

    answer = httpx.request(method, service.address + path, timeout=PATIENCE, **terms)

    assert answer.status_code == status, answer.text[:500]
    judge(answer)


def test_a_file_that_has_not_changed_says_it_too(service: Service) -> None:
    first = httpx.get(f"{service.address}/static/snp.css", timeout=PATIENCE)

    answer = httpx.get(
        f"{service.address}/static/snp.css",
        headers={"If-None-Match": first.headers["etag"]},
        timeout=PATIENCE,
    )

    assert answer.status_code == 304
    judge(answer)


def test_faults_of_ours_say_it_too(service: Service, sessions: dict[str, str]) -> None:
    with broken_commits(service):
        for accept in ("text/html", "application/json"):
            headers = {"Cookie": sessions["coordination"], "Accept": accept}
            answer = httpx.get(f"{service.address}/coordination", headers=headers, timeout=PATIENCE)
            assert answer.status_code == 500
            judge(answer)


DOWNLOADS = {
    "/coordination/indicateurs/rapport?format=pdf": ("coordination", "application/pdf"),
    "/coordination/indicateurs/rapport?format=csv": ("coordination", "text/csv; charset=utf-8"),
    "/coordination/indicateurs/rapport?format=xlsx": (
        "coordination",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "/coordination/indemnisation/preuves": ("coordination", "text/csv; charset=utf-8"),
    "/premiers-pas/professionnels/modele": ("coordination", "text/csv; charset=utf-8"),
    "/agenda/releves/actes/preuves": ("guillou", "text/csv; charset=utf-8"),
}


@pytest.mark.parametrize("address", DOWNLOADS)
def test_a_file_is_saved_under_a_plain_name_and_kept_nowhere(
    service: Service, sessions: dict[str, str], address: str
) -> None:
    who, media = DOWNLOADS[address]

    answer = httpx.get(service.address + address, headers={"Cookie": sessions[who]}, timeout=PATIENCE)

    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"].startswith("attachment; ")
    judge(answer)


@pytest.mark.parametrize("name", ["snp_session", "__Secure-snp_session", "__Host-snp_sas"])
def test_a_session_under_another_name_of_its_cookie_opens_nothing(
    service: Service, sessions: dict[str, str], name: str
) -> None:
    token = sessions["coordination"].partition("=")[2]

    answer = httpx.get(
        f"{service.address}/api/v1/me", headers={"Cookie": f"{name}={token}"}, timeout=PATIENCE
    )

    assert answer.status_code == 401
    headers = {"Cookie": sessions["coordination"]}
    assert httpx.get(f"{service.address}/api/v1/me", headers=headers, timeout=PATIENCE).status_code == 200
