"""The version of this package, in one place that is cheap to import."""

VERSION = "0.1.0"
