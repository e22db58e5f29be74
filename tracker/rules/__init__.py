"""The rules: pure functions from state and request to events or a refusal, and from event to state."""
