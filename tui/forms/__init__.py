"""What a step asks of the person at the scanner, prompt by prompt, and the request it becomes. Pure."""
