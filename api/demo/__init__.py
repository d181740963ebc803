"""The demo territory: a living day of two real CPTS, with invented people."""
