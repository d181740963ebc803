"""Whose turn it is: the rota of an MSP or of a centre de SNP, built, judged, explained, published, repaired."""
