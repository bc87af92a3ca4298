"""What screens are made of: views drawn by line, and the prompt."""
