"""Rules and services: what may happen to a unit, and the ledger of what did."""
