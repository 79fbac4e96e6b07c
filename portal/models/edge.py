"""What was given to a delivery network to keep."""

from __future__ import annotations

from django.db import models


class EdgeCopy(models.Model):
    """An address whose answer a delivery network may hold, made under a version of the public pages."""

    LONGEST = 500

    address = models.CharField(max_length=LONGEST)
    version = models.CharField(max_length=32)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "address"], name="one_copy_an_address_a_version")]
        verbose_name_plural = "edge copies"

    def __str__(self) -> str:
        return self.address
