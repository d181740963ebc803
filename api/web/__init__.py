"""The pages: sign-in, desk (pharmacy, nurse practice), landing pages of the other roles, the patient's page."""
