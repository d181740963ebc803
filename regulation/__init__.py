"""Demand: French *régulation médicale* (answer, triage, orient a caller), never rules of law."""
