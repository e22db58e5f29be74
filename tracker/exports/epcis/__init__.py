"""Trails as EPCIS 2.0 documents: the words of each kind, the events, their ids and the document."""
