"""Demand and supply generators, policies compared over seeds, figures and plots. Knows no database and no directory."""
