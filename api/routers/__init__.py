"""The JSON API, one module per noun of the URL."""
