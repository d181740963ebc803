"""How much care will be needed against what is published, and the calls for slots that fill the gap."""
