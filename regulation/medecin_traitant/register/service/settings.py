"""The delays of the list in a territory: the table's, or what its coordinator changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.medecin_traitant.register import repository
from regulation.medecin_traitant.register.terms import SettingRule, checked_setting, terms_on
from snp.days import local_day
from snp.directory import service as directory
from snp.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """A delay: its row of the table, and the value in force."""

    rule: SettingRule
    value: int

    @property
    def is_own(self) -> bool:
        """True when the territory changed it."""
        return self.value != self.rule.value


def register_settings(session: Session, territory_id: UUID, *, now: datetime) -> tuple[SettingInForce, ...]:
    """Return the delays in force in a territory, in the order of the table."""
    own = repository.own_settings(session, territory_id)
    rows = terms_on(local_day(now)).settings
    return tuple(SettingInForce(row, own.get(row.code, row.value)) for row in rows)


def change_settings(
    session: Session, territory_id: UUID, values: dict[str, int], *, by: Actor, now: datetime
) -> tuple[SettingInForce, ...]:
    """Write the delays that differ, from now on. Raises `InvalidValue`, `NotFound`."""
    directory.get_territory(session, territory_id)
    terms = terms_on(local_day(now))
    for code, value in values.items():
        checked_setting(terms, code, value)
    for one in register_settings(session, territory_id, now=now):
        value = values.get(one.rule.code, one.value)
        if value != one.value:
            repository.insert_setting(session, territory_id, one.rule.code, value, author=by.ident, now=now)
    return register_settings(session, territory_id, now=now)
