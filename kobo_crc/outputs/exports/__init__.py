"""Files that leave: flat tables without names, each with a dictionary of its columns and its sensitivity."""
