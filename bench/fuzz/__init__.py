"""What strangers may send: the whole documented API driven from its own document, and every parser."""
