"""The engine, pure: problem, exact assignment, constraint model, live policy, explanations, checks."""
