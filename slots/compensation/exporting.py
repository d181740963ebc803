"""Statements and proofs as CSV: the same bytes whenever the facts are the same. Pure; no patient.

Source: RFC 4180, with semicolons, decimal commas and a byte order mark, as French spreadsheets read it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from slots.compensation.facts import DraftLine, LineKind, StatementPaper, StoredVerdict
from slots.compensation.wording import KINDS, ROLES, STATUSES, plain_euros
from snp.days import PARIS, local
from snp.platform.sheets import harmless

_STATEMENT: Final = (
    *("mois", "ligne", "date", "heure", "nature", "evenement", "dossier", "quantite", "unitaire", "montant"),
    *("montant_centimes", "payeur", "verdict", "motifs", "explication", "mois_corrige"),
)
_PROOF: Final = (
    *("dossier", "acte_date", "acte_heure", "decision_date", "decision_heure", "decideur", "decideur_compte"),
    *(
        "delai_minutes",
        "semaine_du",
        "rang_semaine",
        "codes_factures",
        "verdict",
        "montant",
        "montant_centimes",
    ),
    *("motifs", "explication", "sources"),
)


def statement_csv(paper: StatementPaper, *, zone: ZoneInfo = PARIS) -> bytes:
    """Return a statement, a line each, then what each payer owes."""
    month = f"{paper.statement.month:%Y-%m}"
    rows: list[Sequence[object]] = [
        (month, line.position, *_line(line.content, zone)) for line in paper.lines
    ]
    for label, cents in (
        ("CPTS", paper.statement.cpts_cents),
        ("Assurance maladie", paper.statement.cpam_cents),
    ):
        rows.append((month, "", "", "", f"Total {label}", "", "", "", "", plain_euros(cents), cents, label))
    return _written(_STATEMENT, rows)


def proofs_csv(
    verdicts: Iterable[StoredVerdict], *, practitioner: str | None = None, zone: ZoneInfo = PARIS
) -> bytes:
    """Return the proof of prior regulation of each act, for the CPAM.

    `practitioner`: his RPPS, in the export that he makes himself; a territory's names nobody.
    """
    head = _PROOF if practitioner is None else ("rpps", *_PROOF)
    own = () if practitioner is None else (practitioner,)
    return _written(head, [(*own, *_proof(one, zone)) for one in verdicts])


def payer_of(kind: LineKind) -> str:
    """Who pays a line."""
    return "Assurance maladie" if kind is LineKind.MAJORATION else "CPTS"


def _line(line: DraftLine, zone: ZoneInfo) -> tuple[object, ...]:
    shown = local(line.at, zone)
    return (
        line.day.isoformat(),
        "" if line.kind is LineKind.COORDINATION else f"{shown:%H:%M}",
        KINDS[line.kind],
        line.event_id,
        line.request_number or "",
        line.quantity,
        plain_euros(line.unit_cents),
        plain_euros(line.amount_cents),
        line.amount_cents,
        payer_of(line.kind),
        STATUSES[line.status] if line.status else "",
        " ".join(reason.code for reason in line.reasons),
        " ".join(reason.sentence for reason in line.reasons),
        f"{line.corrected_month:%Y-%m}" if line.corrected_month else "",
    )


def _proof(one: StoredVerdict, zone: ZoneInfo) -> tuple[object, ...]:
    seen = local(one.seen_at, zone)
    decided = local(one.decided_at, zone) if one.decided_at else None
    waited = (one.seen_at - one.decided_at) // timedelta(minutes=1) if one.decided_at else ""
    return (
        one.request_number or "",
        f"{seen:%Y-%m-%d}",
        f"{seen:%H:%M}",
        f"{decided:%Y-%m-%d}" if decided else "",
        f"{decided:%H:%M}" if decided else "",
        ROLES.get(one.decided_role or "", one.decided_role or ""),
        one.decided_by or "",
        waited,
        one.week.isoformat(),
        one.rank or "",
        " ".join(one.billed),
        STATUSES[one.status],
        plain_euros(one.amount_cents),
        one.amount_cents,
        " ".join(reason.code for reason in one.reasons),
        " ".join(reason.sentence for reason in one.reasons),
        " | ".join(dict.fromkeys(reason.source for reason in one.reasons)),
    )


def _written(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([*map(harmless, row), *[""] * (len(head) - len(row))])
    return "\ufeff".encode() + text.getvalue().encode()
