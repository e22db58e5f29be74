"""The planner: when each milestone of a therapy can be, what a move brings with it, and why not earlier."""
