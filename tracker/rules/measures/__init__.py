"""What a program measures of its therapies: what is kept of each for it, the measures, and their figures."""
