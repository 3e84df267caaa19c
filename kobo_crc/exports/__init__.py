"""KoboToolbox's own exports read back into submissions as the server gives them. Knows no database and no server."""
