"""Password hashing."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# One at a time in each process: of fifty people who sign in at once, each hash would take 19 MiB and a share of the
# processors, and everybody else would wait for all of them. They themselves are in as soon as they would be anyway.
TURN = threading.Lock()


class Argon2Hasher(Argon2PasswordHasher):
    """argon2id with OWASP's parameters (Password Storage Cheat Sheet): 19 MiB, two passes, one lane."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with TURN:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with TURN:
            return super().verify(password, encoded)
