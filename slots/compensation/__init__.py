"""What each act and each slot kept free is worth: majoration, funded availability, statements, budget."""
