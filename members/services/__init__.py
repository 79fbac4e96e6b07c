"""What the association does with memberships: one transaction and one row of the record each."""
