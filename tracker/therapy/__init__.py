"""The chains of therapies: a package for each subject, and the tables that join them."""
