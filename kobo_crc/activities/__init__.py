"""What spans the submissions of a centre's other activities: the directory of services, and who came to sessions."""
