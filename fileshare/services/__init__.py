"""What happens to papers: each a transaction with a row of the access record, and effects after the commit."""
