"""A real Prometheus, Alertmanager and Pushgateway with a notification sink, as children of one process."""
