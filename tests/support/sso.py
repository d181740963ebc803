"""The platform's sign-in for tests: a real OpenID Connect provider in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

CLIENT = "snp-agenda"
SECRET = "un secret d’essai"


@contextmanager
def provider(*options: str) -> Iterator[str]:
    """Run the provider for the length of the block; its issuer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        issuer = f"http://localhost:{port}"
        _wait_for(f"{issuer}/.well-known/openid-configuration", process)
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the provider ended"
        try:
            if httpx.get(address).is_success:
                return
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "the provider did not start"
        time.sleep(0.05)


def signs_in(browser: httpx.Client, address: httpx.URL | str, subject: str) -> httpx.Response:
    """Say who one is on the provider's page at an address, and follow the way back."""
    return browser.post(address, data={"sub": subject}, follow_redirects=True)


def settings_for(issuer: str) -> dict[str, str]:
    """The settings of a service that trusts this provider."""
    return {"sas_sso_issuer": issuer, "sas_sso_client_id": CLIENT, "sas_sso_client_secret": SECRET}
