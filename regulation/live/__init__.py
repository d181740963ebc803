"""The live policy at work: prices kept, promises made and kept, the waiting list, and what was weighed."""
