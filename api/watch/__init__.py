"""The watch: what must always hold in the data, looked at while the service runs. Repairs nothing."""
