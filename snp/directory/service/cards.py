"""What the national platform reads of the directory; a practitioner who does not consent is not in it."""

from snp.directory.repository.cards import (
    carers_by_id,
    carers_by_number,
    cpts,
    places,
    practises_at,
    sos_place,
    sos_places,
)

__all__ = [
    "carers_by_id",
    "carers_by_number",
    "cpts",
    "places",
    "practises_at",
    "sos_place",
    "sos_places",
]
