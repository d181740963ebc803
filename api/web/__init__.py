"""The pages: sign-in, desk (pharmacy, nurse practice), landing pages of other roles, the patient's page."""
