"""The regulation's console: the queue, the call, the dossier, the calls back. Pages and forms only."""
