"""Loadline's application."""

VERSION = "0.1.0"
