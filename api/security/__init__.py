"""Who is at the door and what he may do: accounts, keys, page sessions, delegations, the table of rights."""
