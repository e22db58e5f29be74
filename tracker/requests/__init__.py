"""What can be asked: one frozen class per request, in the imperative."""
