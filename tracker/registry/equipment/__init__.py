"""Shippers, loggers, instruments, terminals and scanners."""
