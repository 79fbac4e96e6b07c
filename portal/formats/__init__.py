"""How dates and times are written, in the administration and on the site."""
