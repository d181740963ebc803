"""Every canonical address of the SAS guide: profiles, code and identifier systems. Nothing else names one.

The guide mixes two hosts and announces that they will be harmonised: here is the one place to change.
Source: ANS, `ans.fhir.fr.sas` 1.1.0; the second coding of a CPTS is that of 1.2.0.
"""

from __future__ import annotations

from typing import Final

GUIDE: Final = "https://interop.esante.gouv.fr/ig/fhir/sas"
_SF: Final = "http://sas.fr/fhir/StructureDefinition/"
_IG: Final = f"{GUIDE}/StructureDefinition/"
_IS: Final = "http://interopsante.org/fhir/CodeSystem/"
_NOS: Final = "https://mos.esante.gouv.fr/NOS/"

# Profiles
BUNDLE: Final = f"{_SF}BundleAgregateur"
BUNDLE_CPTS: Final = f"{_IG}sas-cpts-bundle-aggregator"
BUNDLE_SOS: Final = f"{_IG}sas-sos-bundle-aggregator"
SLOT: Final = f"{_SF}FrSlotAgregateur"
SLOT_CPTS: Final = f"{_IG}sas-cpts-slot-aggregator"
SLOT_SOS: Final = f"{_IG}sas-sos-slot-aggregator"
SCHEDULE: Final = f"{_SF}FrScheduleAgregateur"
SCHEDULE_SOS: Final = f"{_IG}sas-sos-schedule-aggregator"
PRACTITIONER: Final = f"{_SF}FrPractitionerAgregateur"
REGULATOR: Final = f"{_IG}FrPractitionerRegul"
PRACTITIONER_ROLE: Final = f"{_SF}FrPractitionerRoleExerciceAgregateur"
LOCATION: Final = f"{_SF}FrLocationAgregateur"
APPOINTMENT: Final = f"{_SF}FrAppointmentSAS"
LOCATION_SOS: Final = f"{_IG}sas-sos-location-aggregator"
HEALTHCARE_SERVICE: Final = f"{_IG}sas-cpts-healthcareservice-aggregator"
ORGANIZATION_CPTS: Final = f"{_IG}sas-cpts-organization-aggregator"
ORGANIZATION_SOS: Final = f"{_IG}sas-sos-organization-aggregator"

# Extensions and search parameters
APPOINTMENT_OPERATOR: Final = "http://interopsante.org/fhir/StructureDefinition/FrAppointmentOperator"
SERVICE_TYPE_REFERENCE: Final = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Slot.serviceType"
SEARCH_START: Final = f"{GUIDE}/SearchParameter/slot-sp-start"
SEARCH_SERVICE_TYPE: Final = f"{GUIDE}/SearchParameter/cptsslot-sp-servicetype"

# Identifier systems
PERSON_ID: Final = "urn:oid:1.2.250.1.71.4.2.1"
STRUCTURE_ID: Final = "urn:oid:1.2.250.1.71.4.2.2"
SAS_TECHNICAL_ID: Final = "urn:oid:1.2.250.1.213.3.6"

URI: Final = "urn:ietf:rfc:3986"
"""The system of an identifier that is a URI itself. Source: FHIR R4, Identifier.system."""

# Code systems
PERSON_ID_TYPE: Final = f"{_IS}fr-v2-0203"
LOCATION_ID_TYPE: Final = f"{_IS}fr-location-identifier-type"
FR_CORE_ID_TYPE: Final = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
SLOT_TYPE: Final = f"{_NOS}TRE_R314-TypeCreneau/FHIR/TRE-R314-TypeCreneau"
STRUCTURE_CATEGORY: Final = f"{_NOS}TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"
CPTS_CATEGORY_CODE: Final = "604"
SPECIALTY: Final = f"{_NOS}TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
APPOINTMENT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v2-0276"
