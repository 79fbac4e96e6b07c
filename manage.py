#!/usr/bin/env python3
"""Gatehouse's command line.

A machine that has a SECRET_KEY of its own in the environment is a production machine and gets the production
settings; everywhere else the demonstration settings apply, so that a fresh checkout works without any setup.
"""

import os
import sys


def main() -> None:
    settings = "portal.settings.base" if os.environ.get("SECRET_KEY") else "portal.settings.dev"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- after the settings are chosen

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
