"""Two CPTS side by side: Pays de Retz lends, Montaigu borrows; agreements between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session

from slots.sharing import service as sharing
from slots.sharing.facts import SharingView, Terms
from snp.assignment.facts import Audience
from snp.directory.settings_json import settings_from_input
from snp.directory.territory_settings import default_settings
from tests.support.directory import a_site, a_territory
from tests.support.regulation import NOW, TODAY, Cpts, a_cpts

GP: Final = "medecin_generaliste"
AT_ONCE: Final = {"overflow_p1_minutes": 0, "overflow_p2_minutes": 0, "overflow_p3_minutes": 0}


def some_terms(**changes: Any) -> Terms:
    """All slots of general practitioners, from today on, to the regulation and the desks."""
    plain: dict[str, Any] = {
        "professions": frozenset({GP}),
        "weekdays": frozenset(range(1, 8)),
        "audiences": frozenset({Audience.REGULATION, Audience.DESK}),
        "first_day": TODAY,
    }
    return Terms(**(plain | changes))


@dataclass
class Neighbours:
    """Who lends, who borrows; their sites and patients are all in Pornic, so that nothing is too far."""

    lender: Cpts
    borrower: Cpts

    def offered(self, **changes: Any) -> SharingView:
        """An offer of the lender's coordinator."""
        return sharing.offer(
            self.lender.session,
            self.lender.territory.id,
            self.borrower.territory.id,
            some_terms(**changes),
            by=self.lender.coordinator,
            now=NOW,
        )

    def agreed(self, **changes: Any) -> SharingView:
        """An agreement that both coordinators made."""
        one = self.offered(**changes)
        return sharing.accept(self.lender.session, one.id, by=self.borrower.coordinator, now=NOW)


def neighbours(session: Session, **settings: Any) -> Neighbours:
    """Two CPTS of which the second borrows at once, or as `settings` say."""
    lender = a_cpts(session)
    given = settings_from_input(AT_ONCE | settings, base=default_settings("85"))
    territory = a_territory(session, "montaigu", communes=("85146",), department="85", settings=given)
    return Neighbours(lender, Cpts(session, territory, a_site(session)))
