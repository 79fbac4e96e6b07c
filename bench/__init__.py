"""Gatehouse measured beside stock Wagtail and beside the physical limit; `make bench` says the rest."""
