"""`cartrail patient`: manifests of a therapy's codes, and the erasure of a patient."""
