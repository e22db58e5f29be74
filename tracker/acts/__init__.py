"""From a request as it arrives to statements in the ledger, in one transaction."""
