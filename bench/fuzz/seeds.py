"""Good documents of every format that strangers send: what the fuzzers spoil."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from slots.rota.facts import Carer, Half, Place, RotaProblem, Shift
from slots.rota.writing import write_problem
from snp.assignment.facts import Priority

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

CSV = (
    "rpps;titre;nom;prénom;profession;téléphone;lieu;adresse;code postal;commune\r\n"
    '10900000013;Dr;Nom1;Camille;Médecin généraliste;0639980001;"Cabinet ""1""";1 rue;44210;Pornic\r\n'
    "10900000021;;Nom2;Maël;Médecin généraliste;;Cabinet 2;2 rue des Essais;44210;Pornic\r\n"
)

CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//FR\r\n"
    "BEGIN:VTIMEZONE\r\nTZID:Romance\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
    "END:VTIMEZONE\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261124T090000Z\r\nDURATION:PT1H\r\n"
    "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=9\r\nEXDATE:20261126T090000Z\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261126\r\n"
    "STATUS:CONFIRMED\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:3\r\nDTSTART;TZID=Romance:20261127T090000\r\nDTEND;TZID=Romance:20261127T093000\r\n"
    "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270601T000000Z\r\nSUMMARY:Réunion\\, privée\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)

ZONES = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//FR\r\n"
    "BEGIN:VTIMEZONE\r\nTZID:Ici\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n"
    "BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=25,26,27,28,29,30,31;BYDAY=SU;UNTIL=20990101T000000Z\r\n"
    "END:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    "BEGIN:VTIMEZONE\r\nTZID:Ailleurs\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:+0530\r\nTZOFFSETTO:+0600\r\nRDATE:19990101T000000,20010101T000000\r\n"
    "EXDATE:19990101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Ici:20261124T090000\r\nDTEND;TZID=Ici:20261124T100000\r\n"
    "RRULE:FREQ=DAILY;COUNT=90\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:2\r\nDTSTART;TZID=Ailleurs:20261125T090000\r\nDURATION:PT30M\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)
"""Zones of one's own, by rules and by dates: what is spoiled in them must not keep the reader busy."""

FHIR_QUERY = (
    "start=ge2026-11-24T10:00:00%2B01:00&start=le2026-11-26T10:00:00%2B01:00&status=free&_count=1000"
    "&_include=Slot:schedule&_include:iterate=Schedule:actor"
    "&schedule.actor:Practitioner.identifier=urn:oid:1.2.250.1.71.4.2.1|810900000013"
)

REGULATOR = {
    "resourceType": "Practitioner",
    "active": True,
    "identifier": [
        {
            "type": {"coding": [{"system": "http://interopsante.org/CodeSystem/v2-0203", "code": "INTRN"}]},
            "system": "urn:oid:1.2.250.1.213.3.6",
            "value": "3f1c1f0e-7b1c-4f67-9f55-3d6f8b1b2c3d",
        }
    ],
    "name": [{"family": "Riou", "given": ["Anne"], "prefix": ["DR"]}],
    "telecom": [{"system": "email", "value": "anne.riou@exemple.fr"}],
}

SLOT = {
    "id": "s1",
    "practitioner": "p1",
    "profession": "medecin_generaliste",
    "mode": "AMB",
    "start": "2026-11-24T09:00:00+01:00",
    "end": "2026-11-24T09:15:00+01:00",
    "lat": 47.1,
    "lon": -1.9,
    "audiences": ["regulation", "desk"],
}
REQUEST = {
    "id": "r1",
    "priority": "P2",
    "professions": ["medecin_generaliste"],
    "modes": ["AMB"],
    "earliest": "2026-11-24T08:00:00+01:00",
    "deadline": "2026-11-25T08:00:00+01:00",
    "lat": 47.1,
    "lon": -1.9,
    "audience": "regulation",
    "max_km": 30.5,
    "sessions": 1,
}
INSTANCE = {
    "format": "snp-instance/1",
    "now": "2026-11-24T08:00:00+01:00",
    "weights": {"wait_per_hour": {"P2": 3}, "travel_per_km": 1.5},
    "slots": [SLOT],
    "requests": [REQUEST],
}
ASSIGNMENT = {
    "format": "snp-assignment/1",
    "status": "optimal",
    "served": {str(priority): 0 for priority in Priority},
    "burden": 120,
    "spread": 0,
    "wall_s": 0.1,
    "assignments": [{"request": "r1", "slots": ["s1"], "burden": 120}],
    "unserved": [],
}
_STREAM = (
    {"format": "snp-stream/1", "start": "2026-11-24T08:00:00+01:00", "end": "2026-11-25T08:00:00+01:00"},
    {"at": "2026-11-24T08:00:00+01:00", "type": "slot_published", "slot": SLOT},
    {"at": "2026-11-24T08:10:00+01:00", "type": "request", "request": REQUEST | {"waiting_list": True}},
    {"at": "2026-11-24T08:20:00+01:00", "type": "slot_withdrawn", "slot_id": "s1"},
    {"at": "2026-11-24T08:30:00+01:00", "type": "appointment_cancelled", "request_id": "r1"},
)
STREAM = "\n".join(json.dumps(one) for one in _STREAM)

ROTA_ANSWER = {
    "format": "snp-rota-answer/1",
    "status": "optimal",
    "cost": {"gaps": 0, "changes": 0, "unfairness": {"all": 0}, "wishes": 0, "total": 0},
    "bound": 0,
    "wall_s": 0.1,
    "turns": {"s0": ["a"]},
    "conflicts": [],
    "minimal": True,
}


def rota_problem() -> str:
    """A rota of two shifts and one carer, as its own writer writes it."""
    shifts = tuple(
        Shift(f"s{n}", "p", START + timedelta(days=n), START + timedelta(days=n, hours=4), Half.MORNING, 1, 1,
              frozenset())
        for n in range(2)
    )  # fmt: skip
    carer = Carer("a", "A", places=frozenset({"p"}))
    return write_problem(RotaProblem((Place("p", "Maison", 1),), shifts, (carer,)))
