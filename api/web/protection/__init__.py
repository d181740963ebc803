"""The pages of the data-protection delegate: the journal, and a person's rights."""
