"""What people get: the nightly report and tables. Reads the store, never the server."""
