"""The application's tables, one file per object."""

from reviews.models.capacity import CapacityChange
from reviews.models.clients import Brand, Client, PortalAccess
from reviews.models.deliverables import Deliverable
from reviews.models.engagements import BuyerInput, Engagement, Flow, HardConstraint, Membership
from reviews.models.findings import Finding, FindingChange, RuleOutcome
from reviews.models.overrides import RiskOverride
from reviews.models.runs import AnalysisRun, RunChange

__all__ = [
    "AnalysisRun",
    "Brand",
    "BuyerInput",
    "CapacityChange",
    "Client",
    "Deliverable",
    "Engagement",
    "Finding",
    "FindingChange",
    "Flow",
    "HardConstraint",
    "Membership",
    "PortalAccess",
    "RiskOverride",
    "RuleOutcome",
    "RunChange",
]
