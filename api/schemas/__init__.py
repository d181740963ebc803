"""The shapes of the JSON API: what comes in, what goes out."""
