"""Playing a scenario through a Pushgateway: pushes, the groups they go to, and what is left of them."""
