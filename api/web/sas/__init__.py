"""The booking page of the régulateurs who come through the national SAS platform, and their sign-in."""
