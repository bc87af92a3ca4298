"""Files: could they be read, and are they what their readers take?"""
