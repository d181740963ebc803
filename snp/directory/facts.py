"""The words of the directory: kinds of organisations, and a territory's settings with their defaults."""

from __future__ import annotations

from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is; decides who may sign in for it and what its sites are for."""

    MSP = "msp"
    CABINET = "cabinet"
    CENTRE_SNP = "centre_snp"
    CENTRE_SANTE = "centre_sante"
    PHARMACY = "pharmacy"
    NURSE_PRACTICE = "nurse_practice"
    SOS_MEDECINS = "sos_medecins"
