"""Rules about the queries of rules, runbooks and dashboards."""
