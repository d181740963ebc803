"""Practitioners and sites read from CSV files that other systems export."""
