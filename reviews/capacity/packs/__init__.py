"""Files that a client installs as they are: alert rules, a dashboard, a load test. All made from the document."""
