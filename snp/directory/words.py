"""Names as people type them: folded for searching, without accents, case or ligatures. Pure."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
_SEPARATORS = re.compile(r"[^0-9a-z]+")
_SAINT = re.compile(r"\b(st|ste)\b")


def fold(text: str) -> str:
    """Return `text` in lower-case ASCII words separated by one blank; « Œ » becomes `oe`, « ’ » a blank.

    `St` and `Ste` are spelled out, as in the official commune names (« Saint-Père-en-Retz »).
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
    words = _SEPARATORS.sub(" ", plain).strip()
    return _SAINT.sub(lambda m: "saint" if m.group() == "st" else "sainte", words)


def search_words(text: str) -> tuple[str, ...]:
    """Return the folded words to look for; each must begin a word of what is found."""
    return tuple(fold(text).split())
