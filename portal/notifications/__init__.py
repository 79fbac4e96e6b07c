"""Whom the site tells of what is new, and in which words."""
