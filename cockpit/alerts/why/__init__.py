"""Why an alert does or does not reach anybody: the rungs from the scraped series to the notification."""
