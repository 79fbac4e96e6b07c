"""Papers: folders, documents, versions, markings, the access policy and delivery. Never imports `portal`."""
