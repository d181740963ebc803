"""The ready set a second time, in plain SQL over the raw tables: nothing of `regulation.indicators` is used.

Each question takes `t` (territory), `a` and `b` (the instants that bound the period), `day_a` and `day_b`
(its first local day and the one after), `now`, and `care` (the days of SNP care); it answers `value`, and
`base`: how many events it rests on; where it is a share, `yes` too.
"""

from __future__ import annotations

from typing import Final

_SLOTS: Final = """
SELECT s.*, (SELECT x.territory_id FROM appointment x WHERE x.slot_id = s.id AND x.live) AS holder
FROM slot s
WHERE :t = ANY (s.territory_ids) AND s.state NOT IN ('withdrawn', 'hidden')
  AND s.start_at >= :a AND s.start_at < :b AND s.start_at <= :now
"""
_FIRST: Final = """
SELECT DISTINCT ON (m.request_id) m.request_id, m.at, (m.data ->> 'delay_h')::int AS hours
FROM request_move m JOIN request q ON q.id = m.request_id
WHERE q.territory_id = :t AND m.move = 'decide' ORDER BY m.request_id, m.at, m.id
"""
_NEEDS: Final = f"""
SELECT q.*, f.at AS first_at, f.hours, least_start.at AS seen_at
FROM request q JOIN ({_FIRST}) f ON f.request_id = q.id
LEFT JOIN (SELECT request_id, min(start_at) AS at FROM appointment WHERE live GROUP BY request_id) least_start
  ON least_start.request_id = q.id
WHERE f.at >= :a AND f.at < :b AND f.at <= :now
"""
_VISITS: Final = """
SELECT x.*, q.mt_status, p.person_hash, p.territory_id AS home,
       6371.0088 * 2 * atan2(sqrt(h.h), sqrt(1 - h.h)) AS km
FROM appointment x JOIN request q ON q.id = x.request_id JOIN patient p ON p.id = q.patient_id
JOIN commune c ON c.insee = p.insee JOIN site i ON i.id = x.site_id
CROSS JOIN LATERAL (SELECT power(sin((radians(c.lat) - radians(i.lat)) / 2), 2)
  + cos(radians(i.lat)) * cos(radians(c.lat)) * power(sin((radians(c.lon) - radians(i.lon)) / 2), 2) AS h) h
WHERE x.live AND x.territory_id = :t AND x.start_at >= :a AND x.start_at < :b AND x.start_at <= :now
"""
_LATE: Final = """
SELECT x.id, EXISTS (SELECT 1 FROM appointment y
                     WHERE y.slot_id = x.slot_id AND y.created_at >= z.at AND y.id != x.id) AS again
FROM appointment_status z JOIN appointment x ON x.id = z.appointment_id
WHERE x.territory_id = :t AND x.start_at >= :a AND x.start_at < :b AND x.start_at <= :now
  AND z.status IN ('moved', 'cancelled') AND coalesce(z.cancelled_by, '') != 'practitioner'
  AND extract(epoch FROM x.start_at) - extract(epoch FROM z.at) BETWEEN 0.000001 AND 86399.999999
"""
_REQUESTS: Final = """
SELECT q.* FROM request q
WHERE q.territory_id = :t AND q.created_at >= :a AND q.created_at < :b AND q.created_at <= :now
"""
_CALLS: Final = f"""
SELECT * FROM ({_REQUESTS}) c WHERE origin = ANY ('{{arm,osnp,regulateur}}')
  AND disposition = ANY ('{{advice,teleconsultation,snp_consultation,back_to_mt,keep_appointment,emergency}}')
"""


def _quantile(rows: str, measure: str, at: float) -> str:
    """A quantile by linear interpolation between the two rows around it, counted by hand."""
    return f"""
WITH ranked AS (SELECT {measure} AS v, row_number() OVER (ORDER BY {measure}) - 1 AS i, count(*) OVER () AS n
                FROM ({rows}) r WHERE {measure} IS NOT NULL),
place AS (SELECT max(n) AS n, floor((max(n) - 1) * {at}) AS low, (max(n) - 1) * {at} AS at
          FROM ranked)
SELECT place.n AS base,
       (SELECT v FROM ranked WHERE i = place.low)
       + (place.at - place.low) * coalesce((SELECT v FROM ranked WHERE i = place.low + 1)
                                           - (SELECT v FROM ranked WHERE i = place.low), 0) AS value
FROM place"""


def _share(rows: str, yes: str, among: str = "true") -> str:
    return f"""
SELECT count(*) AS base, sum(CASE WHEN {yes} THEN 1 ELSE 0 END) AS yes,
       100.0 * sum(CASE WHEN {yes} THEN 1 ELSE 0 END) / nullif(count(*), 0) AS value
FROM ({rows}) r WHERE {among}"""


def _count(rows: str, which: str = "true") -> str:
    return f"SELECT count(*) AS value, count(*) AS base FROM ({rows}) r WHERE {which}"


_DELAY: Final = "(extract(epoch FROM seen_at) - extract(epoch FROM first_at)) / 60"
_KM: Final = "CASE WHEN mode = 'AMB' THEN km END"
_WITHIN: Final = "extract(epoch FROM seen_at) - extract(epoch FROM first_at) <= 3600 *"

SQL: Final[dict[str, str]] = {
    "creneaux-publies": _count(_SLOTS),
    "creneaux-pris": _count(_SLOTS, "state = 'open' AND holder = :t"),
    "creneaux-pris-ailleurs": _count(_SLOTS, "state = 'open' AND holder != :t"),
    "creneaux-rendus": _count(_SLOTS, "state = 'released'"),
    "creneaux-perdus": _count(_SLOTS, "state = 'open' AND holder IS NULL"),
    "creneaux-repris": """SELECT count(*) AS value, count(*) AS base FROM slot s
        WHERE :t = ANY (s.territory_ids) AND s.state IN ('withdrawn', 'hidden')
          AND s.start_at >= :a AND s.start_at < :b AND s.start_at <= :now""",
    "taux-de-prise": _share(_SLOTS, "state = 'open' AND holder IS NOT NULL"),
    "heures-offertes": f"""SELECT count(*) AS base,
        coalesce(sum(extract(epoch FROM end_at) - extract(epoch FROM start_at)) / 3600, 0) AS value
        FROM ({_SLOTS}) r""",
    "jours-couverts": f"""SELECT count(*) AS base,
        (SELECT count(*) FROM unnest(CAST(:care AS date[])) AS d(day) WHERE EXISTS (
            SELECT 1 FROM ({_SLOTS}) s WHERE (s.start_at AT TIME ZONE 'Europe/Paris')::date = d.day)) AS value
        FROM ({_SLOTS}) r""",
    "delai-median": _quantile(_NEEDS, _DELAY, 0.5),
    "delai-p90": _quantile(_NEEDS, _DELAY, 0.9),
    "servis-24h": _share(_NEEDS, f"{_WITHIN} 24", "seen_at IS NOT NULL"),
    "servis-48h": _share(_NEEDS, f"{_WITHIN} 48", "seen_at IS NOT NULL"),
    "servis-dans-leur-delai": _share(_NEEDS, f"{_WITHIN} hours", "seen_at IS NOT NULL"),
    "besoins-servis": _share(
        _NEEDS, "seen_at IS NOT NULL", "seen_at IS NOT NULL OR state IN ('unserved', 'oriented', 'closed')"
    ),
    "decisions": _count(_REQUESTS),
    "origines": _count(_REQUESTS),
    "distance-mediane": _quantile(_VISITS, _KM, 0.5),
    "distance-p90": _quantile(_VISITS, _KM, 0.9),
    "sans-medecin-traitant": f"""SELECT count(*) AS base, count(DISTINCT (home, person_hash)) AS value
        FROM ({_VISITS}) r WHERE mt_status = 'none'""",
    "participation": """
        WITH people AS (SELECT DISTINCT m.practitioner_id AS id FROM membership m WHERE m.territory_id = :t
                        AND m.since < :day_b AND coalesce(m.until, 'infinity') > :day_a),
        givers AS (SELECT DISTINCT s.practitioner_id AS id FROM slot s WHERE :t = ANY (s.territory_ids)
                   AND s.state NOT IN ('withdrawn', 'hidden')
                   AND s.start_at >= :a AND s.start_at < :b AND s.start_at <= :now)
        SELECT count(*) AS base, count(g.id) AS yes, 100.0 * count(g.id) / nullif(count(*), 0) AS value
        FROM people LEFT JOIN givers g USING (id)""",
    "non-honores": _share(_VISITS, "status = 'no_show'", "status IN ('no_show', 'honoured')"),
    "annulations-tardives-reprises": _share(_LATE, "again"),
    "urgences-evitees": f"SELECT count(*) AS base, count(*) * 0.20 AS value FROM ({_CALLS}) r",
}

_ORIGIN: Final = """CASE origin WHEN 'arm' THEN 'regulation' WHEN 'osnp' THEN 'regulation'
    WHEN 'regulateur' THEN 'regulation' WHEN 'doctor' THEN 'professional' WHEN 'physio' THEN 'professional'
    ELSE origin END"""

PARTS: Final[dict[str, str]] = {
    "decisions": f"""SELECT coalesce(disposition, 'undecided') AS key, count(*) AS value
                     FROM ({_REQUESTS}) r GROUP BY 1""",
    "origines": f"SELECT {_ORIGIN} AS key, count(*) AS value FROM ({_REQUESTS}) r GROUP BY 1",
    "creneaux-publies": f"SELECT profession AS key, count(*) AS value FROM ({_SLOTS}) r GROUP BY 1",
}
