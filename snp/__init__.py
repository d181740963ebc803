"""The foundation: the words, the carers, the machine room and the mathematics; depends on nobody above."""
