"""Finds the Chromium that browser tests and screenshots drive."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """Its path: `SNP_CHROMIUM`, or the first of the usual names; None when there is none."""
    named = os.environ.get("SNP_CHROMIUM")
    found = (shutil.which(name) for name in ((named,) if named else NAMES))
    return next((path for path in found if path is not None), None)
