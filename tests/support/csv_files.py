"""CSV files as a test writes them."""

from __future__ import annotations

from pathlib import Path

from tests.support.directory import with_key

PEOPLE_HEADER = "rpps;titre;nom;prénom;profession;téléphone;lieu;adresse;code postal;commune"


def rpps(number: int) -> str:
    """The valid RPPS number of a number."""
    return with_key(f"109{number:07d}")


def a_person(number: int, **changes: str) -> str:
    """A valid row under `PEOPLE_HEADER`."""
    cells = {
        "rpps": rpps(number),
        "title": "Dr",
        "family_name": f"Nom{number}",
        "given_name": "Camille",
        "profession": "Médecin généraliste",
        "phone": f"06399800{number % 100:02d}",
        "site_name": f"Cabinet {number}",
        "address": f"{number} rue des Essais",
        "postal_code": "44210",
        "city": "Pornic",
    }
    assert changes.keys() <= cells.keys()
    return ";".join((cells | changes).values())


def write_csv(folder: Path, *lines: str, name: str = "people.csv", encoding: str = "utf-8") -> Path:
    """Write a file of these lines."""
    path = folder / name
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path
