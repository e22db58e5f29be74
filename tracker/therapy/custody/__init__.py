"""Who holds a unit and where it is: boxes, handoffs, transit, storage."""
