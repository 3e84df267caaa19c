"""XLSForms as text: read and write them, check them, and plan where each answer goes."""
