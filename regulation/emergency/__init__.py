"""Break-glass: one dossier of another territory, read for a short time in an emergency, told at once.

The separation of territories is never lifted: who opens reads an identity and a story, changes nothing, and
the coordinators and the data-protection delegate of its territory are told in the same transaction.
Source: CNIL, guide de la sécurité des données personnelles 2024, fiches 3 (« bris de glace ») and 16; RGPD
art. 9(2)(c) and 32.
"""
