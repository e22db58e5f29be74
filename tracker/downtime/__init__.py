"""The paper for when systems fail: which steps remain, what is written down at each, and the form itself."""
