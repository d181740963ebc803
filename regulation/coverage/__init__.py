"""How much care is about to be needed against what is published, and the calls for slots that fill the gap."""
