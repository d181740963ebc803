"""What leaves on paper or as a PDF. Decides nothing."""
