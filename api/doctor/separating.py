"""Whether PostgreSQL keeps the territories apart: setting, role, membership, grants, policies (ADR 105)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from api.doctor.facts import Finding, mend, watch, well
from api.separation import CLOSED, CLOSED_TO_WRITING
from snp.platform import near
from snp.platform.settings import Environment, Settings

WHAT: Final = "Second verrou des territoires"
_UNLOCKED: Final = sa.text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables)"
    " AND NOT (relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid"
    " AND (polname = 'near' OR polname LIKE 'near\\_%'))) ORDER BY relname"
)
_WHO: Final = sa.text(
    "SELECT quote_ident(current_user), EXISTS (SELECT FROM pg_roles WHERE rolname = :role),"
    " EXISTS (SELECT FROM pg_roles WHERE rolname = :role AND pg_has_role(oid, 'MEMBER'))"
)


def look(session: Session, settings: Settings) -> Finding:
    """Judge it; what a database administrator must type is said in his words, as whom is said too."""
    if not settings.row_security:
        told = mend if settings.environment is Environment.PRODUCTION else watch
        return told(
            WHAT, "éteint par réglage", "SNP_ROW_SECURITY=true : un seul verrou sépare les territoires"
        )
    connection = session.connection()
    tables = sorted(CLOSED | CLOSED_TO_WRITING)
    open_ones = list(connection.scalars(_UNLOCKED, {"tables": tables}))
    if open_ones:
        return mend(WHAT, f"ouvertes : {', '.join(open_ones)}", "snp migrate, ou ramenez leurs règles")
    if near.is_ready(session):
        return well(WHAT, f"fermé sur {len(tables)} tables")
    user, is_made, is_member = connection.execute(_WHO, {"role": near.ROLE}).one()
    if not is_made or not is_member:
        made = "" if is_made else f"CREATE ROLE {near.ROLE} NOLOGIN; "
        return mend(
            WHAT,
            "le rôle manque" if not is_made else "le rôle n’est pas accordé au service",
            f"un administrateur du serveur : {made}GRANT {near.ROLE} TO {user}; puis, sous le compte du "
            f"service : SELECT {near.LET_IN}();",
        )
    return mend(
        WHAT, "le rôle n’a pas tous ses droits", f"sous le compte du service : SELECT {near.LET_IN}();"
    )
