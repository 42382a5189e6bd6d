"""renewd reminds a household before phone plans renew, charge or lapse, and helps it leave a carrier safely."""

__version__ = "1.0.0"
