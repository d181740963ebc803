"""What compensation refuses."""

from __future__ import annotations

from datetime import date

from slots.compensation.wording import say_month
from snp.errors import SnpError


class MonthNotOver(SnpError):
    """A month is closed once it is over."""

    slug = "month-not-over"
    fr = "Le mois de {month_label} n’est pas terminé : son relevé ne peut pas être clos."

    def __init__(self, month: date) -> None:
        super().__init__(f"{month:%Y-%m} is not over", month=f"{month:%Y-%m}", month_label=say_month(month))
