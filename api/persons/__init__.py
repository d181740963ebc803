"""A person's rights over what is kept of him, and the journal of who read it: the work of the delegate.

The data-protection delegate (délégué à la protection des données, RGPD art. 37–39) of a territory reads the
journal, and answers people: what is kept, put right, forgotten. Source: RGPD art. 15, 16, 17 and 20.
"""
