"""The JSON API, one module per noun of the URL. Routers parse, ask the table of rights, call one service."""
