"""Every package stands in the tree of docs/ARCHITECTURE.md, which names nothing that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("snp", "slots", "regulation", "api")
SAME_EVERYWHERE = frozenset({"service", "repository"})
"""A file of that name that grew into a package means what the file did."""
_NAMED = re.compile(r"`([a-z_/]+)/`")


def rows() -> list[tuple[set[str], set[str]]]:
    """The rows of the tree: the places that a row is about, and what else it names."""
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tree = text.partition("## The tree")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in tree.splitlines() if line.startswith("| `")]
    return [(set(_NAMED.findall(cells[0])), set(_NAMED.findall("|".join(cells[1:])))) for cells in lines]


def packages() -> Iterator[str]:
    """Every package below the four, as a path."""
    for root in PACKAGES:
        for found in sorted((ROOT / root).rglob("__init__.py")):
            path = found.parent.relative_to(ROOT)
            if path.as_posix() != root and path.name not in SAME_EVERYWHERE:
                yield path.as_posix()


@pytest.mark.parametrize("package", list(packages()))
def test_every_package_has_its_place_in_the_tree(package: str) -> None:
    parent, _, name = package.rpartition("/")
    has_row = any(package in places for places, _ in rows())
    in_the_row_of_its_parent = any(parent in places and name in others for places, others in rows())

    assert has_row or in_the_row_of_its_parent, f"docs/ARCHITECTURE.md has no row for {package}/"


def test_every_place_of_the_tree_exists() -> None:
    named = {place for places, _ in rows() for place in places}

    assert {place for place in named if not (ROOT / place).is_dir()} == set()
