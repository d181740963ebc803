"""The walk of a call through the console without a script, act by act."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from tests.support.pages import Page, Visitor

CALLER = {
    "nom": "Durand",
    "prenom": "Jeanne",
    "naissance": "05/04/1985",
    "sexe": "F",
    "telephone": "06 12 34 56 78",
    "commune": "Pornic",
    "mt": "non",
}


@dataclass(slots=True)
class Console:
    """Somebody of the regulation before his screen."""

    visitor: Visitor

    def call(self, name: str, **changed: str) -> Page:
        """Take a call and open its dossier; each name has a phone of its own."""
        number = f"06{zlib.crc32(name.encode()) % 10**8:08}"
        form = self.visitor.see("/regulation/appel").form("/regulation/appels")
        return self.visitor.send(form, **(CALLER | {"nom": name, "telephone": number} | changed))

    def estimate(self, page: Page, **changed: str) -> Page:
        """Estimate the delay as it is proposed."""
        return self.visitor.send(page.form("/delai"), **changed)

    def decide(self, page: Page, **changed: str) -> Page:
        """Decide what is proposed, unless something is changed."""
        return self.visitor.send(page.form("/decider"), **changed)

    def book(self, page: Page) -> Page:
        """Take the first proposal and confirm it."""
        return self.visitor.send(self.visitor.send(page.form("/retenir")).form("/confirmer"))
