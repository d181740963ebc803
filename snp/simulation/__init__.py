"""Demand and supply generators, policies compared, figures, plots. Knows no database, no directory."""
