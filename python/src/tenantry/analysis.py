"""What is found out about a policy as types. Made by `cargo xtask python documents` from the engine's own types.

A field that is not required is absent where it says nothing.
"""

from __future__ import annotations

import sys
from typing import Literal, Union

from .documents import (
    Fact,
    Request,
    Snapshot,
)

if sys.version_info >= (3, 12):
    from typing import NotRequired, TypeAliasType, TypedDict
else:
    from typing_extensions import NotRequired, TypeAliasType, TypedDict


class AcceptedScenery(TypedDict):
    """Such an offer, accepted by the newcomer, that waits for approval."""

    accepted: str


class AllowedAnswered(TypedDict):
    """An answer of the engine, in short."""

    effect: Literal["allow"]
    """Allowed or denied."""
    rules: NotRequired[list[str]]
    """The rules that decided."""


class Answer(TypedDict):
    """An answer."""

    allowed_by: NotRequired[list[str]]
    """Rules that permit it."""
    code: NotRequired[str]
    """The code of the denial; where it depends, of the one where the facts do not fit."""
    cut: NotRequired[bool]
    """Not all facts that rules ask for were tried together: there are too many."""
    denied_by: NotRequired[list[str]]
    """Rules that deny it."""
    keeps: NotRequired[list[str]]
    """Keeps that can deny it all the same, by how many there are at that time."""
    keeps_alone: NotRequired[list[str]]
    """Those of the keeps that deny it where there is nobody else."""
    message: NotRequired[str]
    """The sentence that goes with it."""
    obligations: NotRequired[list[str]]
    """What the host has to do: `confirm`, `send_email`, ..."""
    verdict: CellVerdict
    """Allowed, denied, or it depends."""
    warnings: NotRequired[list[Said]]
    """What it is told all the same."""
    when: NotRequired[list[dict[str, list[Setting]]]]
    """Where it depends: it is allowed if all of one of these holds."""


Answered = TypeAliasType("Answered", "Union[AllowedAnswered, DeniedAnswered]")
"""An answer of the engine, in short."""


Asset = TypeAliasType("Asset", "Union[RoleAsset, VerbAsset]")
"""What could be lost."""


class Attack(TypedDict):
    """An organization and what its people ask for, in order."""

    requests: list[Request]
    """The requests. Each is allowed, and none can be left out."""
    snapshot: Snapshot
    """The organization before the first request."""
    user: str
    """Who comes to hold what nobody gave them, or ends otherwise as the question asks."""


class Bounds(TypedDict):
    """For which organizations the answers hold."""

    assumed: list[str]
    """Rules that ask for facts of the host, which may be anything."""
    people: int
    """So many sorts of people are told apart; of each there can be any number."""
    scopes: list[Place]
    """The scopes. They stay as they are: what is created, moved or archived later is not looked at."""


CellVerdict = TypeAliasType("CellVerdict", "Literal['allowed', 'denied', 'depends']")
"""Allowed, denied, or it depends."""


class Change(TypedDict):
    """A change, in a sentence."""

    cells: list[ChangedCell]
    """The questions that it is about."""
    kind: DiffKind
    """Which way it goes."""
    sentence: str
    """What it comes to."""
    witness: Witness
    """A request that shows it."""


class ChangedCell(TypedDict):
    """A question of both matrices whose answer changes."""

    action: str
    """The action."""
    actor: str
    """The actor, by name."""
    after: Answer
    """The answer of the new policy."""
    before: Answer
    """The answer of the old policy."""
    gives: NotRequired[str]
    """The role given or offered."""
    kind: NotRequired[str]
    """The kind of the scope to come."""
    scope: str
    """The place of the frame."""
    takes: NotRequired[str]
    """The role taken."""
    target: NotRequired[str]
    """About whom, by name."""


class Claimed(TypedDict):
    """A claim, and whether it holds."""

    attack: NotRequired[Attack]
    """How."""
    claim: str
    """The claim as it was made."""
    people: NotRequired[list[Described]]
    """Who refutes it, together."""
    verdict: ProofVerdict
    """Whether it holds."""


class Coalition(TypedDict):
    """One of the smallest coalitions."""

    attack: NotRequired[Attack]
    """How they do it; none if no organization was found in which the steps go through."""
    people: list[Described]
    """Who acts together. Outsiders, of whom there can be any number, are not listed."""


class CustomRole(TypedDict):
    """A custom role of the frame: it stands for all with these permissions."""

    id: str
    """Its id."""
    permissions: list[str]
    """Its permissions."""


class CustomRoleScenery(TypedDict):
    """The custom role, at home at the place; held by nobody."""

    custom_role: str


class DeniedAnswered(TypedDict):
    """An answer of the engine, in short."""

    code: Union[str, None]
    """The code of a denial."""
    effect: Literal["deny"]
    """Allowed or denied."""
    rules: NotRequired[list[str]]
    """The rules that decided."""


class Described(TypedDict):
    """A sort of people in words that a document can carry."""

    account: bool
    """Has an account in the organization."""
    deactivated: NotRequired[list[str]]
    """Where the membership is deactivated."""
    roles: NotRequired[dict[str, list[str]]]
    """Roles by place; those that come through a group or are roles of the tenant's own say so."""


class Detour(TypedDict):
    """A change that is denied and reached all the same."""

    actor: Described
    """Who does it."""
    after: Described
    """What the target is afterwards."""
    attack: Attack
    """The requests that come to the same."""
    code: str
    """With what code."""
    denied: Request
    """The request that is denied, in the organization of the attack."""
    target: NotRequired[Described]
    """To whom; nobody for itself."""
    verb: str
    """The verb that is denied."""


class Diff(TypedDict):
    """The difference of two policies."""

    changes: list[Change]
    """The changes: what is allowed now, what is no longer, what is told otherwise."""
    only_after: Only
    """What the new policy alone has."""
    only_before: Only
    """What the old policy alone has."""


DiffKind = TypeAliasType("DiffKind", "Literal['widen', 'narrow', 'code']")
"""Which way an answer changes."""


class Escalation(TypedDict):
    """Who can make somebody hold a role."""

    coalitions: list[Coalition]
    """The smallest coalitions; nobody else can."""
    role: RoleHere
    """The role."""
    unknown: NotRequired[str]
    """Why the list may not be complete."""


class Frame(TypedDict):
    """A tree with one scope of each kind, and one more under itself of a kind that may hang so."""

    places: list[Place]
    """The scopes, each after the one that it hangs under. The organization is the first."""


class GroupScenery(TypedDict):
    """A group without anybody, at home at the place, which holds the role there."""

    group: Union[str, None]


class Held(TypedDict):
    """A role that somebody holds in the frame."""

    role: str
    """A declared role of the place's kind, or one of `Matrix::custom_roles`(super::Matrix::custom_roles)."""
    scope: str
    """The place of the frame."""


InviteeParty = TypedDict(
    "InviteeParty",
    {
        "is": "Literal['invitee']",
        "label": "str",
        "name": "str",
    },
)
"""Whoever has proved the address that an offer goes to."""


class Labels(TypedDict):
    """Names of actions, roles and kinds for people."""

    actions: dict[str, str]
    """Of actions that have one."""
    places: dict[str, str]
    """Of places of the frame."""
    roles: dict[str, str]
    """Of roles, by kind and name; of custom roles by id."""


class Lockout(TypedDict):
    """Whether something can be lost for good."""

    asset: Asset
    """What."""
    attack: NotRequired[Attack]
    """How it is lost."""
    given: NotRequired[list[str]]
    """Rules that ask for facts of the host, which may stand in the way of those who bring it back."""
    keep: NotRequired[str]
    """The keep that proves it."""
    verdict: ProofVerdict
    """`proved`: it cannot be lost."""


class Matrix(TypedDict):
    """Who may do what to whom."""

    custom_roles: list[CustomRole]
    """The custom roles that parties hold and that are given."""
    digest: str
    """Its digest."""
    frame: Frame
    """The organization on which the questions are asked."""
    idle_rules: list[str]
    """Rules that decide no cell."""
    labels: Labels
    """Names for people."""
    nobody: list[str]
    """Actions that no rule permits to anybody. They have no rows."""
    parties: list[Party]
    """Everybody."""
    policy: str
    """The policy's name."""
    rows: list[MatrixRow]
    """The questions, by action, then by place."""
    tenantry: int
    """The version of the documents."""
    unanswered: list[Unanswered]
    """Questions that the engine takes for no questions. There should be none."""


class MatrixCell(TypedDict):
    """The answer to a row's question, for one actor."""

    actor: str
    """The actor, by the name of a party."""
    allowed_by: NotRequired[list[str]]
    """Rules that permit it."""
    code: NotRequired[str]
    """The code of the denial; where it depends, of the one where the facts do not fit."""
    cut: NotRequired[bool]
    """Not all facts that rules ask for were tried together: there are too many."""
    denied_by: NotRequired[list[str]]
    """Rules that deny it."""
    keeps: NotRequired[list[str]]
    """Keeps that can deny it all the same, by how many there are at that time."""
    keeps_alone: NotRequired[list[str]]
    """Those of the keeps that deny it where there is nobody else."""
    message: NotRequired[str]
    """The sentence that goes with it."""
    obligations: NotRequired[list[str]]
    """What the host has to do: `confirm`, `send_email`, ..."""
    verdict: CellVerdict
    """Allowed, denied, or it depends."""
    warnings: NotRequired[list[Said]]
    """What it is told all the same."""
    when: NotRequired[list[dict[str, list[Setting]]]]
    """Where it depends: it is allowed if all of one of these holds."""


class MatrixRow(TypedDict):
    """A question that is asked for each actor."""

    action: str
    """The action."""
    cells: list[MatrixCell]
    """The answers, in the order of the actors. Who cannot be asked has none."""
    gives: NotRequired[str]
    """The role that is given or offered. Of `role.create` and `role.update` a custom role whose permissions are
    given."""
    kind: NotRequired[str]
    """The kind of the scope to come."""
    scenery: NotRequired[Scenery]
    """What has to be there."""
    scope: str
    """The place where it is asked."""
    takes: NotRequired[str]
    """The role that is taken, or handed over."""
    target: NotRequired[str]
    """About whom, by the name of a party. Of an acceptance, who makes the offer."""


MemberParty = TypedDict(
    "MemberParty",
    {
        "holds": "list[Held]",
        "is": "Literal['member']",
        "label": "str",
        "name": "str",
    },
)
"""A member of the organization who holds these roles and no others."""


class OfferScenery(TypedDict):
    """A pending offer of the role to a newcomer."""

    offer: str


OneselfParty = TypedDict(
    "OneselfParty",
    {
        "is": "Literal['oneself']",
        "label": "str",
        "name": "str",
    },
)
"""As a target: the actor."""


class Only(TypedDict):
    """What one of the policies has and the other has not."""

    actions: NotRequired[list[str]]
    """Actions of the app."""
    actors: NotRequired[list[str]]
    """Actors who are nobody under the other policy, or somebody else (where the default roles differ)."""
    places: NotRequired[list[str]]
    """Places of the frame: kinds of scopes, and whether they hang under themselves."""
    questions: int
    """Questions that cannot be asked of the other policy, for any of these reasons or because its settings make
    other questions of them."""
    roles: NotRequired[list[str]]
    """Roles, as `kind.role`, and custom roles by what they hold."""


OutsiderParty = TypedDict(
    "OutsiderParty",
    {
        "is": "Literal['outsider']",
        "label": "str",
        "name": "str",
    },
)
"""As an actor somebody whom the organization does not know, as a target an account that is to come."""


Party = TypeAliasType("Party", "Union[MemberParty, SystemParty, OutsiderParty, InviteeParty, OneselfParty]")
"""Somebody who asks, or about whom is asked."""


class Place(TypedDict):
    """A scope of the frame."""

    id: str
    """Its id: the name of its kind, followed by `-below` for a second one that hangs under the first."""
    kind: str
    """Its kind, by name."""
    parent: NotRequired[str]
    """The place that it hangs under."""


class Proof(TypedDict):
    """What a policy can never let happen, and what became of claims about it."""

    claims: list[Claimed]
    """The claims, in the order in which they were made."""
    detours: list[Detour]
    """What is denied directly and reached all the same."""
    digest: str
    """The policy's digest."""
    escalation: list[Escalation]
    """Who can make somebody hold which role."""
    frame: Bounds
    """For which organizations it holds."""
    idle_rules: list[str]
    """Rules that decide no question of the [matrix](crate::matrix)."""
    lockout: list[Lockout]
    """What can be lost for good."""
    policy: str
    """The policy's name."""
    separation: list[Separation]
    """Roles that nobody ever comes to hold together, and whether those are that the policy calls exclusive."""
    unknown: NotRequired[str]
    """Why there are no answers."""
    weaker_doors: list[WeakerDoor]
    """Verbs that let people through whom another verb for the same turns away."""


ProofVerdict = TypeAliasType("ProofVerdict", "Literal['proved', 'attack', 'unknown']")
"""What was found out about a question."""


class RoleAsset(TypedDict):
    """A role that nobody could hold again."""

    role: RoleHere


class RoleHere(TypedDict):
    """A role at a place of the frame."""

    permission: NotRequired[bool]
    """Whether it is a permission, which a role of the tenant's own brings."""
    role: str
    """The role as it is named there; the permission, for a role of the tenant's own."""
    scope: str
    """The place, by its id in the frame."""


class Said(TypedDict):
    """What is said of an allowed request."""

    code: str
    """The code."""
    message: str
    """The sentence."""
    rule: NotRequired[str]
    """The rule that warns."""


class SameAsSetting(TypedDict):
    same_as: str
    """The other fact."""


Scenery = TypeAliasType("Scenery", "Union[OfferScenery, AcceptedScenery, GroupScenery, CustomRoleScenery, Literal['archived'], Literal['nothing']]")
"""What has to be there for a question to be asked."""


class Separation(TypedDict):
    """Whether one person can come to hold two roles at once."""

    attack: NotRequired[Attack]
    """How."""
    keep: NotRequired[str]
    """The keep that proves it."""
    people: NotRequired[list[Described]]
    """Who can bring it about, together."""
    roles: list[RoleHere]
    """The two."""
    verdict: ProofVerdict
    """`proved`: nobody who is active ever comes to hold both."""


Setting = TypeAliasType("Setting", "Union[None, Fact, SameAsSetting]")
"""What a fact is: `null` where the host says nothing, its value, or that of another fact."""


SystemParty = TypedDict(
    "SystemParty",
    {
        "is": "Literal['system']",
        "label": "str",
        "name": "str",
        "system": "str",
    },
)
"""A system actor."""


class Unanswered(TypedDict):
    """A question that could not be asked."""

    action: str
    """The action."""
    error: str
    """Why: the error of the engine."""


class VerbAsset(TypedDict):
    """A verb that nobody could use again: `invitation.create`, `member.set_roles` (giving a role), `member.remove`."""

    verb: str


class WeakerDoor(TypedDict):
    """A role that some can give by one verb and not by another, which others use for the same."""

    actors: list[Described]
    """Who comes through the one and not through the other."""
    role: RoleHere
    """The role."""
    stronger: str
    """The verb that turns them away."""
    target: Described
    """To whom both verbs can give it."""
    weaker: str
    """The verb that lets them through."""


class Witness(TypedDict):
    """A request that the two policies answer differently."""

    after: Answered
    """The answer under the new policy."""
    before: Answered
    """The answer under the old policy."""
    request: Request
    """The request."""
    snapshot: Snapshot
    """The organization."""
