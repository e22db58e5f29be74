"""From identifiers to ink and back: code reader, layouts, renderers and printers."""
