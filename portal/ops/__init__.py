"""Running the site: health, log, scheduled work."""
