"""Cells of CSV files and spreadsheets."""

from __future__ import annotations

import json
from typing import Any


def inert(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV Injection), whatever people wrote into it."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
