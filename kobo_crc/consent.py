"""What a person's consent allows to be done with a referral. Pure; an empty answer is never a yes."""

from __future__ import annotations


def may_share(share_code: str | None) -> bool:
    """Whether the referral's receiver may be told of it; `share_code` is the answer given for that receiver."""
    return share_code == "yes"


def sharing_refused(share_code: str | None) -> bool:
    """Whether the person said no to it. Asked for each referral, also of who wants to stay unknown."""
    return share_code == "no"
