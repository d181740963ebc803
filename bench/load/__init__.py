"""The booking under load: the real service, its real clients, and pgbench running the same statements."""
