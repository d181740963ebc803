"""How long the service takes to render each page: the demonstration, served by the real command.

`python -m bench.pages` starts `snp run` on a data directory of its own, signs in as each role, asks for its
pages in turn and writes `bench/out/pages.json`. Times are those of the caller, the network of the loopback
included; `/healthz` stands beside them as what any answer costs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from api.demo.accounts import PASSWORD
from bench.tables import Row, as_table

OUT = Path(__file__).parent / "out" / "pages.json"
PAGES = (
    ("", "/healthz"),
    ("", "/connexion"),
    ("pharmacie", "/"),
    ("pharmacie", "/comptoir/historique"),
    ("medecin", "/"),
    ("medecin", "/agenda/chiffres"),
    ("regulateur", "/"),
    ("regulateur", "/regulation/appel"),
    ("coordination", "/"),
    ("coordination", "/coordination/personnes"),
    ("coordination", "/coordination/reglages"),
)
READY_S = 180.0
_FIELD = re.compile(r'name="(csrf_token)" value="([^"]+)"')
_PORT = re.compile(r"http://127\.0\.0\.1:(\d+)")


def rows(address: str, calls: int) -> list[Row]:
    """Every page in turn, so that a busy machine slows all alike."""
    visitors = {login: _visitor(address, login) for login in dict.fromkeys(login for login, _ in PAGES)}
    times: dict[tuple[str, str], list[float]] = {page: [] for page in PAGES}
    sizes: dict[tuple[str, str], int] = {}
    for turn in range(calls + 3):
        for page in PAGES:
            login, path = page
            begun = time.perf_counter()
            answer = visitors[login].get(path)
            took = time.perf_counter() - begun
            assert answer.status_code == 200, (page, answer.status_code)
            sizes[page] = len(answer.content)
            if turn >= 3:  # the first calls pay for templates and plans
                times[page].append(took)
    least = float(np.median(times[PAGES[0]]))
    return [
        {
            "page": path,
            "role": login or "-",
            "KiB": round(sizes[login, path] / 1024, 1),
            "p50 ms": round(float(np.percentile(taken, 50)) * 1e3, 1),
            "p95 ms": round(float(np.percentile(taken, 95)) * 1e3, 1),
            "p50, times /healthz": round(float(np.percentile(taken, 50)) / least, 1),
        }
        for (login, path), taken in times.items()
    ]


def _visitor(address: str, login: str) -> httpx.Client:
    client = httpx.Client(
        base_url=address, timeout=60, headers={"Accept": "text/html"}, follow_redirects=True
    )
    if login:
        found = dict(_FIELD.findall(client.get("/connexion").text))
        typed = found | {"identifiant": login, "mot_de_passe": PASSWORD}
        assert "Se déconnecter" in client.post("/connexion", data=typed).text, login
    return client


@contextmanager
def served() -> Iterator[str]:
    """The address of a demonstration that is ready, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="snp-bench-pages-") as folder:
        settings = {
            "SNP_DATA_DIR": f"{folder}/data",
            "SNP_LOG_LEVEL": "ERROR",
            "SNP_RATE_PER_ADDRESS": "0",
        }
        command = [sys.executable, "-c", "from api.cli import main; main()", "run", "--port", "0", "--demo"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | settings
        ) as service:
            assert service.stdout is not None
            try:
                port = next(found[1] for line in service.stdout if (found := _PORT.search(line)))
                address = f"http://127.0.0.1:{port}"
                _wait(address)
                yield address
            finally:
                service.terminate()


def _wait(address: str) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the demonstration did not start"
        time.sleep(0.2)


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=60)
    given = parser.parse_args()
    with served() as address:
        found = rows(address, given.calls)
    print(f"\n## pages\n{as_table(found)}", flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
