"""The use cases of compensation, by act; other packages import them from here. Never commits.

What the regulation knows of an act comes from above, as facts that a `ProofReader` composes.
"""

from slots.compensation.budgeting import budget
from slots.compensation.computing import (
    close_statement,
    compute_statements,
    get_statement,
    practitioners_due,
)
from slots.compensation.declaring import (
    declare_time,
    get_time,
    list_times,
    mark_act,
    marks_of,
    withdraw_time,
)
from slots.compensation.exporting import proofs_csv, statement_csv
from slots.compensation.printing import statement_pdf
from slots.compensation.reading import (
    drafts_before,
    events_behind,
    get_line,
    list_statements,
    month_lines,
    month_statements,
    month_sums,
    package_of,
    paper,
    verdicts_of,
)
from slots.compensation.setting import add_terms, list_terms, set_year, year_settings

__all__ = [
    "add_terms",
    "budget",
    "close_statement",
    "compute_statements",
    "declare_time",
    "drafts_before",
    "events_behind",
    "get_line",
    "get_statement",
    "get_time",
    "list_statements",
    "list_terms",
    "list_times",
    "mark_act",
    "marks_of",
    "month_lines",
    "month_statements",
    "month_sums",
    "package_of",
    "paper",
    "practitioners_due",
    "proofs_csv",
    "set_year",
    "statement_csv",
    "statement_pdf",
    "verdicts_of",
    "withdraw_time",
    "year_settings",
]
