"""kobo_crc: a bridge from KoboToolbox tablets to a referral store."""

__version__ = "0.1.0"
