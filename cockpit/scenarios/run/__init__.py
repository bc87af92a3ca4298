"""A run: what is looked at before, while a scenario plays, and what is judged of it in the end."""
