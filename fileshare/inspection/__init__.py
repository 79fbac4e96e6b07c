"""What a file really is. No user, no request, no database."""
