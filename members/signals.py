"""What the register announces to whoever shows its people."""

from django.dispatch import Signal

# Many people, organisations or memberships were written at once, for which Django sends nothing. Within the change.
many_changed = Signal()
