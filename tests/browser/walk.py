"""The walk of a desk through its form, act by act, counting each."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(slots=True)
class Walk:
    """Somebody at a counter. `acts` counts taps and fields filled."""

    page: Page
    acts: int = 0

    def tap(self, words: str, *, role: str = "button") -> None:
        """Tap a button, or the row of a choice."""
        self.acts += 1
        if role == "button":
            self.page.get_by_role("button", name=words).first.click()
        else:
            self.page.locator("label", has_text=words).first.click()

    def fill(self, label: str, words: str) -> None:
        """Fill a field."""
        self.acts += 1
        self.page.get_by_label(label, exact=True).fill(words)

    def first_page(self, reason: str = "Douleur d’oreille") -> None:
        """Reason, birth date, sex; the signs come by themselves when scripts run."""
        self.tap(reason, role="choice")
        self.fill("Date de naissance du patient", "05041985")
        self.tap("Femme", role="choice")

    def no_sign(self) -> None:
        """Say that no sign is there."""
        self.tap("Aucun signe d’alerte")

    def patient(self, name: str, *, called: str | None = None) -> None:
        """The médecin traitant, then the patient; the commune is the desk's own."""
        if called is None:
            self.tap("Non", role="choice")
        else:
            self.tap("Oui", role="choice")
            self.tap(called, role="choice")
        self.fill("Nom", name)
        self.fill("Prénom", "Jeanne")
        self.acts += 1
        number = f"06{zlib.crc32(name.encode()) % 10**8:08}"
        self.page.get_by_label("Téléphone").fill(number)
        self.tap("Voir les créneaux")

    def book(self) -> None:
        """Take the first proposal and confirm it."""
        self.tap("Choisir")
        self.tap("Confirmer le rendez-vous")
