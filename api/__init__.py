"""The doors: JSON, pages, command line and jobs; no decision is taken here."""
