"""The use cases of a claim, by act; other packages import them from here. Never commits.

Slots are locked in order of id, then a visible list of checks runs, then everything is written. `codes`
hashes the patient's code, of which only a hash is stored.
"""

from slots.appointments.claiming import (
    book,
    claims_of_hold,
    confirm,
    drop_hold,
    expire_holds,
    get_hold,
    hold,
)
from slots.appointments.declaring import declare_to_sas, sas_declarations
from slots.appointments.ending import cancel, honour, move, no_show
from slots.appointments.reading import (
    by_code,
    get_appointment,
    last_changes,
    list_appointments,
    lived_appointments,
    new_patient_code,
    patient_code,
    practitioners_of,
    story,
)

__all__ = [
    "book",
    "by_code",
    "cancel",
    "claims_of_hold",
    "confirm",
    "declare_to_sas",
    "drop_hold",
    "expire_holds",
    "get_appointment",
    "get_hold",
    "hold",
    "honour",
    "last_changes",
    "list_appointments",
    "lived_appointments",
    "move",
    "new_patient_code",
    "no_show",
    "patient_code",
    "practitioners_of",
    "sas_declarations",
    "story",
]
