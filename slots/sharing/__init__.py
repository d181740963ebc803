"""Slots lent by one territory to another, by rules that both coordinators agreed; knows no request."""
