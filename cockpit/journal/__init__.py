"""The record of what was done: one append-only file that every cockpit of a user writes to."""
