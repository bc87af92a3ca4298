"""Rules about the check itself: the comments that suppress findings."""
