"""What stands around the service on a server: the proxy's configuration, made from the settings."""
