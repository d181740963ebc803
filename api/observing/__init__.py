"""What a machine may know of the running service: metrics and traces. Figures and codes only, no person."""
