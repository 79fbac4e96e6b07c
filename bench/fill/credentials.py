"""Who the filled members are."""

PASSWORD = "correct horse battery"  # noqa: S105 -- of nobody
ADDRESS = "person{}@filled.example.org"  # numbered from 0
