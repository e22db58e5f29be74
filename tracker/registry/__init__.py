"""The chain `registry`: people, places, equipment, stock, keys, protocols and exports."""
