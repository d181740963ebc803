"""The identifiers of French health care, parsed once and trusted from then on.

Pure: no settings, no input or output.

Each type is a `str` in its canonical form (`RPPS.parse("100 0345 678 6")`), so it compares, hashes, stores
and prints as text. The form is always checked; the key only when `strict`, because official published
examples break it. As a pydantic field the type checks the form alone.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final, Self

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from stdnum import luhn

from snp.errors import InvalidValue

_SEPARATORS: Final = re.compile(r"[\s.\-_/\u00a0\u202f]")


class Identifier(str):
    """A text of a known form; subclasses say which, and how its key is judged."""

    __slots__ = ()

    field: ClassVar[str]
    pattern: ClassVar[re.Pattern[str]]
    form: ClassVar[str]
    example: ClassVar[str]

    @classmethod
    def parse(cls, value: str, *, strict: bool = False) -> Self:
        """Read a value as typed or received; spaces, dots and hyphens between groups do not count.

        Raises `InvalidValue` with a French reason when the form, or with `strict` the key, is wrong.
        """
        text = cls._clean(value)
        if not cls.pattern.fullmatch(text):
            raise InvalidValue(cls.field, cls.form)
        if strict and not cls.key_holds(text):
            raise InvalidValue(cls.field, "la clé de contrôle est fausse : vérifiez chaque chiffre")
        return cls(text)

    @classmethod
    def key_holds(cls, text: str) -> bool:
        """Tell whether the check digit of a well-formed text is right; True where there is none."""
        return bool(text)

    @classmethod
    def _clean(cls, value: str) -> str:
        return _SEPARATORS.sub("", value).upper()

    @classmethod
    def _validate(cls, value: str) -> Self:
        try:
            return cls.parse(value)
        except InvalidValue as refusal:
            reason = str(refusal.fields["reason"])
            raise PydanticCustomError("invalid_value", "{reason}", {"reason": reason}) from refusal

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls._validate, core_schema.str_schema(max_length=64)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "description": cls.form, "examples": [cls.example]}


class RPPS(Identifier):
    """A practitioner in the national directory: 11 digits, the last a Luhn key.

    Source: ANS, Répertoire partagé des professionnels intervenant dans le système de santé.
    """

    __slots__ = ()
    field = "rpps"
    pattern = re.compile(r"(?!0{11})\d{11}", re.ASCII)
    form = "un numéro RPPS compte 11 chiffres"
    example = "10003456786"

    @classmethod
    def key_holds(cls, text: str) -> bool:
        """Luhn over the 11 digits."""
        return _luhn_holds(text)


class ADELI(Identifier):
    """A practitioner in the older departmental directory: department, then 7 digits; it has no public key.

    Source: DREES, répertoire ADELI (closed; professions move to the RPPS one after the other).
    """

    __slots__ = ()
    field = "adeli"
    pattern = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
    form = "un numéro ADELI compte 9 chiffres (2A ou 2B en tête pour la Corse)"
    example = "447001231"


class FINESS(Identifier):
    """An establishment or its legal entity: department, 6 digits and a Luhn key.

    In Corsica the second character is a letter, which counts in the key as its rank in the alphabet
    (2A0000014 is the hospital of Ajaccio).

    Source: DREES, Fichier national des établissements sanitaires et sociaux.
    """

    __slots__ = ()
    field = "finess"
    pattern = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
    form = "un numéro FINESS compte 9 chiffres (2A ou 2B en tête pour la Corse)"
    example = "440000271"

    @classmethod
    def key_holds(cls, text: str) -> bool:
        """Luhn over the 9 characters, A read as 1 and B as 2."""
        return _luhn_holds(text.translate(_LETTER_RANKS))


class SIREN(Identifier):
    """A company or association: 9 digits, the last a Luhn key.

    Source: code de commerce R123-220 and following; INSEE, répertoire SIRENE.
    """

    __slots__ = ()
    field = "siren"
    pattern = re.compile(r"\d{9}", re.ASCII)
    form = "un numéro SIREN compte 9 chiffres"
    example = "732829320"

    @classmethod
    def key_holds(cls, text: str) -> bool:
        """Luhn over the 9 digits."""
        return _luhn_holds(text)


class SIRET(Identifier):
    """One place of a company: its SIREN, 4 digits and a Luhn key over the whole.

    La Poste has more places than the key allows: for its SIREN the plain sum of the digits is a multiple of 5
    instead, but for the head office, which holds to Luhn.

    Source: INSEE, répertoire SIRENE.
    """

    __slots__ = ()
    field = "siret"
    pattern = re.compile(r"\d{14}", re.ASCII)
    form = "un numéro SIRET compte 14 chiffres"
    example = "73282932000074"

    @property
    def siren(self) -> SIREN:
        """The company this is a place of."""
        return SIREN(self[:9])

    @classmethod
    def key_holds(cls, text: str) -> bool:
        """Luhn over the 14 digits, or the rule of La Poste."""
        la_poste = text.startswith("356000000") and sum(map(int, text)) % 5 == 0
        return _luhn_holds(text) or la_poste


class InseeCode(Identifier):
    """A commune in the official geographic code; not a postal code, which several communes share.

    Departments are 01 to 95 without 20 (2A and 2B), then 971 to 978 and 984 to 989; 99 is abroad, hence no
    commune.

    Source: INSEE, Code officiel géographique.
    """

    __slots__ = ()
    field = "insee"
    pattern = re.compile(
        r"(?:0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-5])\d{3}|97[1-8]\d{2}|98[4-9]\d{2}",
        re.ASCII,
    )
    form = "un code INSEE de commune compte 5 caractères, comme 44131 ou 2A004 ; ce n’est pas le code postal"
    example = "44131"

    @property
    def department(self) -> str:
        """The department: `44`, `2A`, `974`."""
        return str(self[:3] if self.startswith(("97", "98")) else self[:2])


class PersonId(Identifier):
    """The national identifier of a professional, as the SAS exchanges it.

    `8` and an RPPS, or `0` and an ADELI.

    Source: ANS, guide d'implémentation SAS, identifiant national de la personne (IDNPS).
    """

    __slots__ = ()
    field = "person_id"
    pattern = re.compile(r"8\d{11}|0(?:\d{2}|2[AB])\d{7}", re.ASCII)
    form = "un identifiant national s’écrit 8 suivi du RPPS, ou 0 suivi de l’ADELI"
    example = "810003456786"

    @classmethod
    def of(cls, number: RPPS | ADELI) -> Self:
        """The national identifier that carries a number."""
        return cls(("8" if isinstance(number, RPPS) else "0") + number)

    @property
    def number(self) -> RPPS | ADELI:
        """The number it carries."""
        return RPPS(self[1:]) if self.startswith("8") else ADELI(self[1:])

    @classmethod
    def key_holds(cls, text: str) -> bool:
        """The key of the number it carries."""
        return RPPS.key_holds(text[1:]) if text.startswith("8") else True


class StructureId(Identifier):
    """The national identifier of a place of practice.

    `1` FINESS, `3` SIRET, `4` RPPS and rank, `0` ADELI and rank.

    A practice without FINESS or SIRET is named by its first holder: his number and the rank of the place
    among his.

    Source: ANS, guide d'implémentation SAS, identifiant national de la structure (IDNST).
    """

    __slots__ = ()
    field = "structure_id"
    pattern = re.compile(r"1(?:\d{2}|2[AB])\d{7}|3\d{14}|4\d{14}|0(?:\d{2}|2[AB])\d{7}\d{2,3}", re.ASCII)
    form = "un identifiant de structure s’écrit 1 + FINESS, 3 + SIRET, 4 + RPPS et rang, ou 0 + ADELI et rang"
    example = "1440000271"

    @classmethod
    def of(cls, number: FINESS | SIRET) -> Self:
        """The national identifier that carries a number."""
        return cls(("1" if isinstance(number, FINESS) else "3") + number)

    @classmethod
    def of_practice(cls, holder: RPPS, rank: int) -> Self:
        """The identifier of the `rank`-th place (0 to 999) of a holder."""
        if not 0 <= rank <= 999:
            raise InvalidValue(cls.field, "le rang d’un cabinet va de 0 à 999")
        return cls(f"4{holder}{rank:03d}")

    @property
    def number(self) -> FINESS | SIRET | None:
        """The number it carries; None for a practice named by its holder."""
        match self[0]:
            case "1":
                return FINESS(self[1:])
            case "3":
                return SIRET(self[1:])
            case _:
                return None

    @classmethod
    def key_holds(cls, text: str) -> bool:
        """The key of the number it carries."""
        match text[0]:
            case "1":
                return FINESS.key_holds(text[1:])
            case "3":
                return SIRET.key_holds(text[1:])
            case "4":
                return RPPS.key_holds(text[1:12])
            case _:
                return True


class Phone(Identifier):
    """A phone number in E.164 form (`+33240123456`), French unless it says otherwise.

    A national number with an overseas prefix (0262, 0690…) takes the country code of its department. With
    `strict` the number must lie in an allocated range; without, the right length is enough, since ranges
    open before libraries know. Numbers reserved for fiction (02 61 91 xx xx, 06 39 98 xx xx) are accepted:
    demonstrations use them.

    Source: ITU-T E.164; ARCEP, décision 2018-0881 (plan national de numérotation).
    """

    __slots__ = ()
    field = "phone"
    form = "ce numéro de téléphone n’est pas complet : 10 chiffres en France, ou + et l’indicatif du pays"
    example = "+33261910012"

    @classmethod
    def parse(cls, value: str, *, strict: bool = False) -> Self:
        """Read a number as a caller says it; raises `InvalidValue`."""
        number = _read_phone(value)
        if number is None or not phonenumbers.is_possible_number(number):
            raise InvalidValue(cls.field, cls.form)
        phone = cls(phonenumbers.format_number(number, PhoneNumberFormat.E164))
        if phone.startswith("+33") and not _FRENCH_PHONE.fullmatch(phone):
            raise InvalidValue(cls.field, cls.form)
        if strict and not phone.startswith(_FICTION) and not phonenumbers.is_valid_number(number):
            raise InvalidValue(
                cls.field, "ce numéro de téléphone n’est pas attribué : vérifiez chaque chiffre"
            )
        return phone

    @property
    def national(self) -> str:
        """As it is written at home: `02 40 12 34 56`; with its country code when it is foreign."""
        number = phonenumbers.parse(self)
        at_home = number.country_code in _FRENCH_COUNTRY_CODES
        style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(number, style)

    @property
    def takes_sms(self) -> bool:
        """Tell whether the number is a mobile one."""
        kind = phonenumbers.number_type(phonenumbers.parse(self))
        mobile = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
        return kind in mobile or bool(_FRENCH_MOBILE.match(self))


_LETTER_RANKS: Final = str.maketrans({"A": "1", "B": "2"})
_FRENCH_PHONE: Final = re.compile(r"\+33[1-9]\d{8}")
_FRENCH_MOBILE: Final = re.compile(r"\+33[67]")
_FICTION: Final = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
_FRENCH_COUNTRY_CODES: Final = frozenset({33, 262, 508, 590, 594, 596})
_OVERSEAS_PREFIXES: Final = {
    **dict.fromkeys(("0262", "0263", "0692", "0693"), "RE"),
    **dict.fromkeys(("0269", "0639"), "YT"),
    **dict.fromkeys(("0590", "0690", "0691"), "GP"),
    **dict.fromkeys(("0594", "0694"), "GF"),
    **dict.fromkeys(("0596", "0696", "0697"), "MQ"),
}


def _luhn_holds(digits: str) -> bool:
    return bool(luhn.is_valid(digits))


def _read_phone(value: str) -> PhoneNumber | None:
    digits = _SEPARATORS.sub("", value)
    for region in filter(None, (_OVERSEAS_PREFIXES.get(digits[:4]), "FR")):
        try:
            number = phonenumbers.parse(value, region)
        except NumberParseException:
            return None
        if region == "FR" or phonenumbers.is_valid_number(number):
            return number
    return None
