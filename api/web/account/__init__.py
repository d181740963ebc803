"""One's own account: how one signs in, the second factor, the devices."""
