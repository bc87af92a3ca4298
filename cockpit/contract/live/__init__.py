"""What running servers say of what the files say."""
