"""Hold, book, move, cancel, no-show: claims on slots, taken under a lock."""
