"""Calendars, both ways: a private feed of a practitioner's slots, and the busy times of his own calendars."""
