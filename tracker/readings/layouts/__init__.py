"""The layouts of files that are read, each by how a genuine file was seen to be written."""
