"""The only network code: one HTTP layer, and the clients of Prometheus, Alertmanager and Pushgateway."""
