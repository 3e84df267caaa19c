"""A store and a vault, and a pipeline's project."""

from __future__ import annotations

from tests.referrals.conftest import files

__all__ = ["files"]
