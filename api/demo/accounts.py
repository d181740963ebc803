"""One account for each role, with a password that everybody may know: it opens nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from api.demo.cast import MONTAIGU, RETZ
from api.demo.facts import SignIn, Stage
from api.demo.stage import DEMO
from api.security import service as security
from api.security.facts import NewAccount
from snp.platform.actors import Role

PASSWORD: Final = "creneau-demo-2026"  # noqa: S105 - printed on purpose: it opens invented data only


@dataclass(frozen=True, slots=True)
class _Account:
    login: str
    role: Role
    role_fr: str
    name: str
    organisation: str | None = None
    carer: str | None = None
    territories: tuple[str, ...] = (RETZ, MONTAIGU)


NEIGHBOUR: Final = "regulateur-voisin"
"""He sees one territory only: who tries an emergency access signs in as him."""
_DELEGATE: Final = "secretariat"
_DELEGATED_TO: Final = "carer-301"
_ACCOUNTS: Final = (
    _Account("arm", Role.ARM, "Assistant de régulation médicale", "Alix Régulation"),
    _Account("osnp", Role.OSNP, "Opérateur SNP", "Noa Opérateur"),
    _Account("regulateur", Role.REGULATEUR, "Médecin régulateur", "Dr Sacha Régulateur"),
    _Account(
        NEIGHBOUR,
        Role.REGULATEUR,
        "Médecin régulateur du territoire voisin",
        "Dr Camille Voisin",
        territories=(MONTAIGU,),
    ),
    _Account("pharmacie", Role.PHARMACY, "Pharmacie", "Pharmacie du Môle", "pharmacy-1", None, (RETZ,)),
    _Account(
        "infirmiers", Role.NURSE_PRACTICE, "Cabinet infirmier", "Cabinet de la Ria", "nurses-1", None, (RETZ,)
    ),
    _Account(
        "medecin", Role.PRACTITIONER, "Médecin généraliste", "Médecin à Pornic", None, "carer-301", (RETZ,)
    ),
    _Account(
        "msp",
        Role.PRACTITIONER,
        "Médecin de MSP (roulement)",
        "Médecin de la MSP",
        None,
        "carer-510",
        (RETZ,),
    ),
    _Account(
        "kine", Role.PRACTITIONER, "Masseur-kinésithérapeute", "Kiné à Pornic", None, "carer-401", (RETZ,)
    ),
    _Account(
        _DELEGATE, Role.DELEGATE, "Secrétariat (délégation)", "Secrétariat du médecin", None, None, (RETZ,)
    ),
    _Account("coordination", Role.COORDINATOR, "Coordination de CPTS", "Coordination des deux CPTS"),
    _Account("dpo", Role.DPO, "Délégué à la protection des données", "Protection des données"),
    _Account("admin", Role.ADMINISTRATOR, "Administration", "Administration", territories=()),
)
SIGN_INS: Final = tuple(SignIn(a.login, a.name, a.role, a.role_fr) for a in _ACCOUNTS)


def open_accounts(session: Session, stage: Stage, *, now: datetime) -> None:
    """Create the accounts that do not exist yet, and let the secretariat act for the doctor."""
    for wanted in _ACCOUNTS:
        if security.find_account(session, wanted.login) is not None:
            continue
        made = security.create_account(
            session,
            NewAccount(
                login=wanted.login,
                display_name=wanted.name,
                role=wanted.role,
                password=PASSWORD,
                territory_ids=tuple(stage.territories[slug] for slug in wanted.territories),
                organisation_id=stage.organisations[wanted.organisation] if wanted.organisation else None,
                practitioner_id=stage.carers[wanted.carer] if wanted.carer else None,
            ),
            by=DEMO,
            now=now,
        )
        if wanted.login == _DELEGATE:
            security.grant_delegation(
                session,
                account_id=made.id,
                practitioner_id=stage.carers[_DELEGATED_TO],
                by=DEMO,
                now=now,
            )
