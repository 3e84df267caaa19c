"""Referrals across submissions: the state machine, and what is derived from it."""
