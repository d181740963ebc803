"""The French sentence of each kind of faulty value that pydantic names; it never quotes the value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "obligatoire",
    "extra_forbidden": "champ inconnu",
    "string_type": "un texte est attendu",
    "string_too_short": "trop court : {min_length} caractères au moins",
    "string_too_long": "trop long : {max_length} caractères au plus",
    "string_pattern_mismatch": "n’a pas la forme attendue",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "float_type": "un nombre est attendu",
    "float_parsing": "un nombre est attendu",
    "finite_number": "un nombre fini est attendu",
    "greater_than": "doit dépasser {gt}",
    "greater_than_equal": "au moins {ge}",
    "less_than": "doit rester sous {lt}",
    "less_than_equal": "au plus {le}",
    "bool_type": "vrai ou faux est attendu",
    "bool_parsing": "vrai ou faux est attendu",
    "uuid_type": "un identifiant (UUID) est attendu",
    "uuid_parsing": "un identifiant (UUID) est attendu",
    "enum": "une valeur de la liste est attendue : {expected}",
    "literal_error": "une valeur de la liste est attendue : {expected}",
    "datetime_type": "une date et une heure (RFC 3339) sont attendues",
    "datetime_parsing": "une date et une heure (RFC 3339) sont attendues",
    "datetime_from_date_parsing": "une date et une heure (RFC 3339) sont attendues",
    "datetime_object_invalid": "une date et une heure (RFC 3339) sont attendues",
    "timezone_aware": "le décalage horaire est obligatoire, par exemple +02:00",
    "date_type": "une date (AAAA-MM-JJ) est attendue",
    "date_parsing": "une date (AAAA-MM-JJ) est attendue",
    "date_from_datetime_parsing": "une date (AAAA-MM-JJ) est attendue",
    "date_from_datetime_inexact": "une date sans heure est attendue",
    "time_type": "une heure (HH:MM) est attendue",
    "time_parsing": "une heure (HH:MM) est attendue",
    "list_type": "une liste est attendue",
    "too_short": "{min_length} éléments au moins",
    "too_long": "{max_length} éléments au plus",
    "dict_type": "un objet est attendu",
    "model_type": "un objet est attendu",
    "model_attributes_type": "un objet est attendu",
    "union_tag_invalid": "une valeur de la liste est attendue : {expected_tags}",
    "union_tag_not_found": "le champ {discriminator} est obligatoire",
}


def french(code: str, context: Mapping[str, Any], message: str) -> str:
    """Return the French sentence of a fault; rules of ours (`value_error`) already speak French."""
    if code == "value_error":
        return message
    template = _SENTENCES.get(code)
    if template is None:
        return "valeur refusée"
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return "valeur refusée"
