"""A practitioner's own pages: his week, what he publishes, his absences, who acts for him."""
