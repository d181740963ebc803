"""Disposition and candidate slots to proposals, holds and bookings; the pool."""
