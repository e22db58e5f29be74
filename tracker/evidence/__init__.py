"""What shows that the record is what was recorded: verification from the stored bytes."""
