"""What is marked, of events and of therapies as they stand; every view and export reads it here."""
