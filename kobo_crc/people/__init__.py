"""People: where one of them stands in what the centres sent."""
