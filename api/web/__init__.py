"""The pages: desk (pharmacy, nurse practice) and sign-in."""
