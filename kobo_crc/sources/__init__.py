"""Where submissions come from: find what changed on a server and bring it whole. Knows nothing of the store."""
