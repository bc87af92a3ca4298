"""Rules about what running servers say of the files."""
