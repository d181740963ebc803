"""What must leave the building: the outbox and its channels."""
