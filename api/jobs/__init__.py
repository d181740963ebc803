"""What the service does unattended: one table of job, interval and work, and the runner of the one leader."""
