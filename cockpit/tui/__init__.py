"""The terminal front end: screens and widgets over the features; it fetches nothing by itself."""
