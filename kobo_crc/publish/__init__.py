"""The loop to the tablets: lists of open referrals and of services on offer beside the forms that look them up."""
