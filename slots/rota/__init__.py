"""Whose turn it is in an MSP or in centres de SNP: rotas built, judged, explained, published, repaired."""
