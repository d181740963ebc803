"""What the regulation proves of an act: who decided, when, for which dossier, and what is known of the MT."""
