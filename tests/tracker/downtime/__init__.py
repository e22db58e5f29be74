"""The paper for an outage."""
