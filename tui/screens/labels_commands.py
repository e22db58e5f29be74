"""What the label ledger offers of its own."""

from __future__ import annotations

from tui.commands import Command


class Apply(Command):
    """The label you have just scanned is on its container."""

    key = "f4"
    footer = "Apply"
    palette = "Record that the scanned label is on"


class Void(Command):
    """The chosen copy is on nothing: misprinted, unused, or it never came out."""

    key = "f6"
    footer = "Void"
    palette = "Void the chosen label"


class DestroyLabels(Command):
    """Destroy copies that are out of use: scan each, count them, two sign."""

    key = "f7"
    footer = "Destroy"
    palette = "Destroy labels before a second person"


class Reconcile(Command):
    """Put the count of the therapy's labels into its chain; two sign."""

    key = "f11"
    footer = "Count"
    palette = "Reconcile the labels of the therapy"
