"""People: users, memberships, organisations, and the record of who did what. The lowest room."""
