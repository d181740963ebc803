"""Who knocks: accounts, keys, sessions, and the one table of rights."""
