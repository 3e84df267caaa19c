"""What people get: the nightly report, worklists and tables. Reads the store, never the server."""
