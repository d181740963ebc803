"""The FHIR door behind a real nginx with the shipped configuration: one certificate opens it."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from tests.support.certificates import Authority, Certificate
from tests.support.database import clone_of_template
from tests.support.nginx import nginx_path, running_nginx
from tests.support.ports import free_port

PAGES, FHIR = "rdv.example.test", "fhir.example.test"
CN, OU = "psc.sas.example", "318751275100020"
SECRET = "s" * 64

pytestmark = pytest.mark.skipif(
    nginx_path() is None, reason="no nginx: `sh scripts/nginx.sh` installs one, SNP_NGINX names one"
)


@dataclass
class Front:
    """The service behind nginx, and who asks."""

    port: int
    socket: Path
    authority: Authority
    process: subprocess.Popen[bytes]

    def context(self, client: Certificate | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority.ca)
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        return context

    def get(
        self,
        path: str = "/fhir/metadata",
        client: Certificate | None = None,
        *,
        host: str = FHIR,
        sni: str | None = None,
        tls: ssl.SSLContext | None = None,
        **headers: str,
    ) -> httpx.Response:
        with httpx.Client(verify=tls or self.context(client), timeout=30, trust_env=False) as caller:
            request = caller.build_request(
                "GET", f"https://127.0.0.1:{self.port}{path}", headers={"Host": host, **headers}
            )
            request.extensions["sni_hostname"] = sni or host
            return caller.send(request)

    @property
    def good(self) -> Certificate:
        return self.authority.sign("client.example", cn=CN, ou=OU)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Short: a socket's path has a hundred characters at most."""
    path = Path(tempfile.mkdtemp(prefix="snp-tls-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def front(database_server: sa.URL, worker_name: str, folder: Path) -> Iterator[Front]:
    authority = Authority(folder)
    pages, fhir = authority.sign(PAGES), authority.sign(FHIR)
    revoked = authority.sign("client.example", cn=CN, ou=f"{OU} ")
    crl = authority.revoke(revoked)
    port, path = free_port(), folder / "snp.sock"
    with clone_of_template(database_server, f"{worker_name}_tls") as url:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SNP_")}
        env = kept | {
            "SNP_DATA_DIR": str(folder / "data"),
            "SNP_ENVIRONMENT": "test",
            "SNP_DATABASE_URL": url.render_as_string(hide_password=False),
            "SNP_UNIX_SOCKET": str(path),
            "SNP_PUBLIC_URL": f"https://{PAGES}",
            "SNP_FHIR_BASE_URL": f"https://{FHIR}/fhir",
            "SNP_FHIR_ACCESS": "proxy",
            "SNP_FHIR_CLIENT_CN": f"autre.example; {CN}",
            "SNP_FHIR_CLIENT_OU": OU,
            "SNP_PROXY_SECRET": SECRET,
        }
        written = subprocess.run(
            [
                *(sys.executable, "-m", "api.cli", "nginx-config", "--port", str(port)),
                *("--certificate", pages.certificate, "--key", pages.key),
                *("--fhir-certificate", fhir.certificate, "--fhir-key", fhir.key),
                *("--client-ca", authority.ca, "--client-crl", crl),
            ],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        with (
            _running_service(env, path, folder / "service.log") as process,
            running_nginx(folder, written.stdout, port),
        ):
            yield Front(port, path, authority, process)


@contextmanager
def _running_service(env: dict[str, str], path: Path, told: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "api.cli", "run", "--no-demo"]
    with told.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 120
            while not _answers(path):
                assert process.poll() is None, told.read_text()
                assert time.monotonic() < deadline, "the service did not become ready"
                time.sleep(0.1)
            yield process
        finally:
            process.kill()
            process.wait()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(str(path)) != 0:
            return False
    try:
        return _on_socket(path, "/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _on_socket(path: Path, address: str, **headers: str) -> httpx.Response:
    transport = httpx.HTTPTransport(uds=str(path))
    with httpx.Client(transport=transport, timeout=10, base_url="http://localhost") as caller:
        return caller.get(address, headers=headers)


def refused(response: httpx.Response) -> str:
    """What the OperationOutcome says of a refusal to let in."""
    assert response.status_code == 403, response.text
    assert response.headers["content-type"].startswith("application/fhir+json")
    body = response.json()
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "security")
    text: str = issue["details"]["text"]
    return text


def test_the_platform_s_certificate_opens_the_door(front: Front) -> None:
    answer = front.get(client=front.good)
    assert answer.status_code == 200
    assert answer.json()["resourceType"] == "CapabilityStatement"
    assert answer.json()["implementation"]["url"] == f"https://{FHIR}/fhir"


def test_another_cn_is_refused(front: Front) -> None:
    text = refused(front.get(client=front.authority.sign("client.example", cn="psc.sas.example.org", ou=OU)))
    assert "CN" in text


def test_another_ou_is_refused(front: Front) -> None:
    refused(front.get(client=front.authority.sign("client.example", cn=CN, ou="318751275100021")))


def test_an_allowed_ou_written_into_another_value_is_refused(front: Front) -> None:
    refused(front.get(client=front.authority.sign("client.example", cn=CN, ou=f"x,OU={OU}")))
    refused(front.get(client=front.authority.sign("client.example", cn=f"x,CN={CN}", ou=OU)))


def test_a_revoked_certificate_is_refused(front: Front, folder: Path) -> None:
    (stem,) = folder.glob(f"client.example-{CN}-{OU}_.crt")
    revoked = Certificate(stem, stem.with_suffix(".key"), stem.with_suffix(".pem"))
    assert "révocation" in refused(front.get(client=revoked))


def test_a_certificate_of_another_authority_is_refused(front: Front, folder: Path) -> None:
    refused(front.get(client=Authority(folder, "stranger").sign("client.example", cn=CN, ou=OU)))


def test_an_expired_certificate_is_refused(front: Front) -> None:
    until = datetime.now(UTC) - timedelta(days=1)
    expired = front.authority.sign("expired.example", cn=CN, ou=OU, until=until)
    refused(front.get(client=expired))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_without_a_certificate_the_handshake_ends_well_and_the_door_stays_shut(
    front: Front, version: ssl.TLSVersion
) -> None:
    tls = front.context(None)
    tls.minimum_version = tls.maximum_version = version
    assert "certificat" in refused(front.get(tls=tls))


@pytest.mark.parametrize("host", [PAGES, FHIR])
def test_tls_1_1_is_refused_by_the_server(front: Front, host: str) -> None:
    tls = front.context(front.good)
    tls.set_ciphers("ALL:@SECLEVEL=0")  # or our own side would refuse first
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", front.port), timeout=30) as plain,
        pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"),
    ):
        tls.wrap_socket(plain, server_hostname=host)


def _forged(front: Front) -> dict[str, str]:
    """Everything that the proxy would say of the right certificate, its secret included."""
    pem = front.good.certificate.read_text()
    return {
        "X-SNP-Proxy-Proof": SECRET,
        "X-SNP-Client-Verify": "SUCCESS",
        "X-SNP-Client-Certificate": quote(pem),
    }


def test_what_a_caller_says_of_himself_does_not_get_through(front: Front) -> None:
    forged = _forged(front)
    refused(front.get(**forged))
    wrong = front.authority.sign("client.example", cn="psc.sas.example.org", ou=OU)
    refused(front.get(client=wrong, **forged))
    underscored = {name.replace("-", "_"): value for name, value in forged.items()}
    refused(front.get(**underscored))


def test_the_application_believes_who_knows_the_secret_only(front: Front) -> None:
    forged = _forged(front)
    assert _on_socket(front.socket, "/fhir/metadata", **forged).status_code == 200
    for name in forged:
        without = {key: value for key, value in forged.items() if key != name}
        assert _on_socket(front.socket, "/fhir/metadata", **without).status_code == 403
    refused(_on_socket(front.socket, "/fhir/metadata", **(forged | {"X-SNP-Proxy-Proof": "t" * 64})))
    refused(_on_socket(front.socket, "/fhir/metadata", **(forged | {"X-SNP-Client-Verify": "NONE"})))
    refused(_on_socket(front.socket, "/fhir/metadata", **(forged | {"X-SNP-Client-Certificate": "x"})))


def test_the_pages_need_no_certificate_and_do_not_lead_to_the_door(front: Front) -> None:
    led = front.get("/", host=PAGES, Accept="text/html")
    assert led.status_code == 303
    page = front.get(led.headers["location"], host=PAGES, Accept="text/html")
    assert page.status_code == 200
    assert "mot de passe" in page.text.casefold()
    assert front.get("/healthz", host=PAGES).status_code == 200
    assert front.get("/fhir/metadata", host=PAGES, **_forged(front)).status_code == 404
    assert front.get("/fhir", host=PAGES).status_code == 404


def test_a_handshake_with_one_name_does_not_open_the_other(front: Front) -> None:
    answer = front.get(client=front.good, host=FHIR, sni=PAGES)
    assert answer.status_code in {400, 403, 421}
    with pytest.raises(httpx.ConnectError):
        front.get(client=front.good, sni="other.example.test")


def test_the_fhir_host_serves_nothing_else(front: Front) -> None:
    for path in ("/", "/api/v1/me", "/healthz", "/docs", "/fhirx", "/static/snp.css"):
        assert front.get(path, client=front.good).status_code == 404


def test_the_socket_is_the_group_s_and_goes_with_the_service(front: Front) -> None:
    assert front.socket.stat().st_mode & 0o777 == 0o660


def test_a_service_that_is_down_is_told_in_fhir(front: Front) -> None:
    front.process.kill()
    front.process.wait()
    answer: Any = front.get(client=front.good)
    assert answer.status_code == 503
    assert answer.json()["issue"][0]["code"] == "transient"
    assert answer.headers["retry-after"] == "2"
