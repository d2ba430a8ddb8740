"""Mutual information between views, estimated and maximised, with the truth told about both."""

__version__ = "0.1.0"
__all__ = ["__version__"]
