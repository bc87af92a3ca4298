"""What is wrong: alerts as Prometheus and Alertmanager know them, joined, filtered, grouped and in words."""
