"""The plan of a therapy: booked, moved and given back, by the places that are left."""
