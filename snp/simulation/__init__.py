"""Demand and supply generators, policies compared, figures and plots."""
