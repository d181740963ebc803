"""Pages of figures, made section by section: what was not measured this time keeps what the page said before.

A section begins with its `## title`; one that was measured says when and where, so that a kept one does too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.tables import NOT_MEASURED, OUT, place

_STAMP = "*Measured"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its introduction, what follows, and the file of `bench/out` that it was made from."""

    head: str
    body: str
    source: str | None = None


def sections(texts: Sequence[str], *sources: str) -> list[Section]:
    """Headings and bodies in turn; one source for all, or one for each."""
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    named = sources if len(sources) == len(pairs) else sources * len(pairs)
    return [Section(head, body, source) for (head, body), source in zip(pairs, named, strict=True)]


def page(head: str, found: Iterable[Section], before: str) -> str:
    """The whole page; `before`: as it was."""
    told = dict(_told(before))
    return "\n".join([head, *(_text(one, told) for one in found)])


def _told(text: str) -> Iterable[tuple[str, str]]:
    """The sections of a page, by title."""
    for part in re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]:
        yield part.partition("\n")[0], part.rstrip("\n") + "\n"


def _text(section: Section, told: dict[str, str]) -> str:
    title, _, introduction = section.head.partition("\n")
    if section.body != NOT_MEASURED:
        stamp = "" if section.source is None else f"\n{_stamp(section.source)}\n"
        return f"{title}\n{stamp}{introduction}\n{section.body}".replace("\n\n\n", "\n\n")
    kept = told.get(title, "")
    if not kept or NOT_MEASURED.strip() in kept:
        return f"{section.head}\n{section.body}"
    if _STAMP in kept:
        return kept
    earlier = f"{_STAMP} before {datetime.now(UTC):%-d %B %Y}.*"
    return kept.replace("\n", f"\n\n{earlier}\n", 1)


def _stamp(source: str) -> str:
    """When and where, by the file of figures."""
    written = datetime.fromtimestamp((OUT / f"{source}.json").stat().st_mtime, UTC)
    return f"{_STAMP} {written:%-d %B %Y}, {place()}.*"
