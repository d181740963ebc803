"""A table for research: one row a need that was decided, nobody in it. Reads only.

Source: RGPD art. 4(5) and 89 (pseudonymisation, research); CNIL, méthodologie de référence MR-004: the least
data, no direct identifier, a notice to people. Whoever receives the table answers for its use.
"""
