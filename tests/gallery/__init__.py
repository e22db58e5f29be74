"""The screens of docs/terminal.md: stories that lead to each of them, kept as pictures and as text."""
