"""What is made of a file: its text, its first page as a picture. Bytes in, bytes or text out; no user, no request, no
database. Each module parses in a child process (`fileshare.inspection.child`), as which it is run."""
