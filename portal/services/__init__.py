"""What the site does as a whole."""
