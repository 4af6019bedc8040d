// Made from the Rust types by `cargo xtask types`. Every document as it is in JSON; a table or a list that would be empty may be
// absent.

import type { Effect, Fact, Request, Snapshot } from "./documents.js";

/** An answer. */
export interface Answer {
  /** Rules that permit it. */
  readonly allowed_by?: readonly string[];
  /** The code of the denial; where it depends, of the one where the facts do not fit. */
  readonly code?: string;
  /** Not all facts that rules ask for were tried together: there are too many. */
  readonly cut?: boolean;
  /** Rules that deny it. */
  readonly denied_by?: readonly string[];
  /** Keeps that can deny it all the same, by how many there are at that time. */
  readonly keeps?: readonly string[];
  /** Those of the keeps that deny it where there is nobody else. */
  readonly keeps_alone?: readonly string[];
  /** The sentence that goes with it. */
  readonly message?: string;
  /** What the host has to do: `confirm`, `send_email`, ... */
  readonly obligations?: readonly string[];
  /** Allowed, denied, or it depends. */
  readonly verdict: CellVerdict;
  /** What it is told all the same. */
  readonly warnings?: readonly Said[];
  /** Where it depends: it is allowed if all of one of these holds. */
  readonly when?: ReadonlyArray<Readonly<Record<string, readonly Setting[]>>>;
}

/** An answer of the engine, in short. */
export interface Answered {
  /** The code of a denial. */
  readonly code?: string;
  /** Allowed or denied. */
  readonly effect: Effect;
  /** The rules that decided. */
  readonly rules?: readonly string[];
}

/** What could be lost. */
export type Asset = {
  readonly role: RoleHere;
} | {
  readonly verb: string;
};

/** An organization and what its people ask for, in order. */
export interface Attack {
  /** The requests. Each is allowed, and none can be left out. */
  readonly requests: readonly Request[];
  /** The organization before the first request. */
  readonly snapshot: Snapshot;
  /** Who comes to hold what nobody gave them, or ends otherwise as the question asks. */
  readonly user: string;
}

/** For which organizations the answers hold. */
export interface Bounds {
  /** Rules that ask for facts of the host, which may be anything. */
  readonly assumed: readonly string[];
  /** So many sorts of people are told apart; of each there can be any number. */
  readonly people: number;
  /** The scopes. They stay as they are: what is created, moved or archived later is not looked at. */
  readonly scopes: readonly Place[];
}

/** Allowed, denied, or it depends. */
export type CellVerdict = "allowed" | "denied" | "depends";

/** A change, in a sentence. */
export interface Change {
  /** The questions that it is about. */
  readonly cells: readonly ChangedCell[];
  /** Which way it goes. */
  readonly kind: DiffKind;
  /** What it comes to. */
  readonly sentence: string;
  /** A request that shows it. */
  readonly witness: Witness;
}

/** A question of both matrices whose answer changes. */
export interface ChangedCell {
  /** The action. */
  readonly action: string;
  /** The actor, by name. */
  readonly actor: string;
  /** The answer of the new policy. */
  readonly after: Answer;
  /** The answer of the old policy. */
  readonly before: Answer;
  /** The role given or offered. */
  readonly gives?: string;
  /** The kind of the scope to come. */
  readonly kind?: string;
  /** The place of the frame. */
  readonly scope: string;
  /** The role taken. */
  readonly takes?: string;
  /** About whom, by name. */
  readonly target?: string;
}

/** A claim, and whether it holds. */
export interface Claimed {
  /** How. */
  readonly attack?: Attack;
  /** The claim as it was made. */
  readonly claim: string;
  /** Who refutes it, together. */
  readonly people?: readonly Described[];
  /** Whether it holds. */
  readonly verdict: ProofVerdict;
}

/** One of the smallest coalitions. */
export interface Coalition {
  /** How they do it; none if no organization was found in which the steps go through. */
  readonly attack?: Attack;
  /** Who acts together. Outsiders, of whom there can be any number, are not listed. */
  readonly people: readonly Described[];
}

/** A custom role of the frame: it stands for all with these permissions. */
export interface CustomRole {
  /** Its id. */
  readonly id: string;
  /** Its permissions. */
  readonly permissions: readonly string[];
}

/** A sort of people in words that a document can carry. */
export interface Described {
  /** Has an account in the organization. */
  readonly account: boolean;
  /** Where the membership is deactivated. */
  readonly deactivated?: readonly string[];
  /** Roles by place; those that come through a group or are roles of the tenant's own say so. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
}

/** A change that is denied and reached all the same. */
export interface Detour {
  /** Who does it. */
  readonly actor: Described;
  /** What the target is afterwards. */
  readonly after: Described;
  /** The requests that come to the same. */
  readonly attack: Attack;
  /** With what code. */
  readonly code: string;
  /** The request that is denied, in the organization of the attack. */
  readonly denied: Request;
  /** To whom; nobody for itself. */
  readonly target?: Described;
  /** The verb that is denied. */
  readonly verb: string;
}

/** The difference of two policies. */
export interface Diff {
  /** The changes: what is allowed now, what is no longer, what is told otherwise. */
  readonly changes: readonly Change[];
  /** What the new policy alone has. */
  readonly only_after: Only;
  /** What the old policy alone has. */
  readonly only_before: Only;
}

/** Which way an answer changes. */
export type DiffKind = "widen" | "narrow" | "code";

/** Who can make somebody hold a role. */
export interface Escalation {
  /** The smallest coalitions; nobody else can. */
  readonly coalitions: readonly Coalition[];
  /** The role. */
  readonly role: RoleHere;
  /** Why the list may not be complete. */
  readonly unknown?: string;
}

/** A tree with one scope of each kind, and one more under itself of a kind that may hang so. */
export interface Frame {
  /** The scopes, each after the one that it hangs under. The organization is the first. */
  readonly places: readonly Place[];
}

/** A role that somebody holds in the frame. */
export interface Held {
  /** A declared role of the place's kind, or one of `Matrix::custom_roles`. */
  readonly role: string;
  /** The place of the frame. */
  readonly scope: string;
}

/** Names of actions, roles and kinds for people. */
export interface Labels {
  /** Of actions that have one. */
  readonly actions: Readonly<Record<string, string>>;
  /** Of places of the frame. */
  readonly places: Readonly<Record<string, string>>;
  /** Of roles, by kind and name; of custom roles by id. */
  readonly roles: Readonly<Record<string, string>>;
}

/** Whether something can be lost for good. */
export interface Lockout {
  /** What. */
  readonly asset: Asset;
  /** How it is lost. */
  readonly attack?: Attack;
  /** Rules that ask for facts of the host, which may stand in the way of those who bring it back. */
  readonly given?: readonly string[];
  /** The keep that proves it. */
  readonly keep?: string;
  /** `proved`: it cannot be lost. */
  readonly verdict: ProofVerdict;
}

/** Who may do what to whom. */
export interface Matrix {
  /** The custom roles that parties hold and that are given. */
  readonly custom_roles: readonly CustomRole[];
  /** Its digest. */
  readonly digest: string;
  /** The organization on which the questions are asked. */
  readonly frame: Frame;
  /** Rules that decide no cell. */
  readonly idle_rules: readonly string[];
  /** Names for people. */
  readonly labels: Labels;
  /** Actions that no rule permits to anybody. They have no rows. */
  readonly nobody: readonly string[];
  /** Everybody. */
  readonly parties: readonly Party[];
  /** The policy's name. */
  readonly policy: string;
  /** The questions, by action, then by place. */
  readonly rows: readonly MatrixRow[];
  /** The version of the documents. */
  readonly tenantry: 1;
  /** Questions that the engine takes for no questions. There should be none. */
  readonly unanswered: readonly Unanswered[];
}

/** The answer to a row's question, for one actor. */
export interface MatrixCell {
  /** The actor, by the name of a party. */
  readonly actor: string;
  /** Rules that permit it. */
  readonly allowed_by?: readonly string[];
  /** The code of the denial; where it depends, of the one where the facts do not fit. */
  readonly code?: string;
  /** Not all facts that rules ask for were tried together: there are too many. */
  readonly cut?: boolean;
  /** Rules that deny it. */
  readonly denied_by?: readonly string[];
  /** Keeps that can deny it all the same, by how many there are at that time. */
  readonly keeps?: readonly string[];
  /** Those of the keeps that deny it where there is nobody else. */
  readonly keeps_alone?: readonly string[];
  /** The sentence that goes with it. */
  readonly message?: string;
  /** What the host has to do: `confirm`, `send_email`, ... */
  readonly obligations?: readonly string[];
  /** Allowed, denied, or it depends. */
  readonly verdict: CellVerdict;
  /** What it is told all the same. */
  readonly warnings?: readonly Said[];
  /** Where it depends: it is allowed if all of one of these holds. */
  readonly when?: ReadonlyArray<Readonly<Record<string, readonly Setting[]>>>;
}

/** A question that is asked for each actor. */
export interface MatrixRow {
  /** The action. */
  readonly action: string;
  /** The answers, in the order of the actors. Who cannot be asked has none. */
  readonly cells: readonly MatrixCell[];
  /** The role that is given or offered. Of `role.create` and `role.update` a custom role whose permissions are given. */
  readonly gives?: string;
  /** The kind of the scope to come. */
  readonly kind?: string;
  /** What has to be there. */
  readonly scenery?: Scenery;
  /** The place where it is asked. */
  readonly scope: string;
  /** The role that is taken, or handed over. */
  readonly takes?: string;
  /** About whom, by the name of a party. Of an acceptance, who makes the offer. */
  readonly target?: string;
}

/** What one of the policies has and the other has not. */
export interface Only {
  /** Actions of the app. */
  readonly actions?: readonly string[];
  /** Actors who are nobody under the other policy, or somebody else (where the default roles differ). */
  readonly actors?: readonly string[];
  /** Places of the frame: kinds of scopes, and whether they hang under themselves. */
  readonly places?: readonly string[];
  /** Questions that cannot be asked of the other policy, for any of these reasons or because its settings make other questions of them. */
  readonly questions: number;
  /** Roles, as `kind.role`, and custom roles by what they hold. */
  readonly roles?: readonly string[];
}

/** Somebody who asks, or about whom is asked. */
export type Party = {
  /** For people. */
  readonly label: string;
  /** A name that is the same in every matrix of policies with these roles: `organization.owner`, `system:install`. */
  readonly name: string;
} & ({
  /** The roles. */
  readonly holds: readonly Held[];
  readonly is: "member";
} | {
  readonly is: "system";
  /** Its name. */
  readonly system: string;
} | {
  readonly is: "outsider";
} | {
  readonly is: "invitee";
} | {
  readonly is: "oneself";
});

/** A scope of the frame. */
export interface Place {
  /** Its id: the name of its kind, followed by `-below` for a second one that hangs under the first. */
  readonly id: string;
  /** Its kind, by name. */
  readonly kind: string;
  /** The place that it hangs under. */
  readonly parent?: string;
}

/** What a policy can never let happen, and what became of claims about it. */
export interface Proof {
  /** The claims, in the order in which they were made. */
  readonly claims: readonly Claimed[];
  /** What is denied directly and reached all the same. */
  readonly detours: readonly Detour[];
  /** The policy's digest. */
  readonly digest: string;
  /** Who can make somebody hold which role. */
  readonly escalation: readonly Escalation[];
  /** For which organizations it holds. */
  readonly frame: Bounds;
  /** Rules that decide no question of the matrix. */
  readonly idle_rules: readonly string[];
  /** What can be lost for good. */
  readonly lockout: readonly Lockout[];
  /** The policy's name. */
  readonly policy: string;
  /** Roles that nobody ever comes to hold together, and whether those are that the policy calls exclusive. */
  readonly separation: readonly Separation[];
  /** Why there are no answers. */
  readonly unknown?: string;
  /** Verbs that let people through whom another verb for the same turns away. */
  readonly weaker_doors: readonly WeakerDoor[];
}

/** What was found out about a question. */
export type ProofVerdict = "proved" | "attack" | "unknown";

/** A role at a place of the frame. */
export interface RoleHere {
  /** Whether it is a permission, which a role of the tenant's own brings. */
  readonly permission?: boolean;
  /** The role as it is named there; the permission, for a role of the tenant's own. */
  readonly role: string;
  /** The place, by its id in the frame. */
  readonly scope: string;
}

/** What is said of an allowed request. */
export interface Said {
  /** The code. */
  readonly code: string;
  /** The sentence. */
  readonly message: string;
  /** The rule that warns. */
  readonly rule?: string;
}

/** What has to be there for a question to be asked. */
export type Scenery = {
  readonly offer: string;
} | {
  readonly accepted: string;
} | {
  readonly group: string | null;
} | {
  readonly custom_role: string;
} | "archived" | "nothing";

/** Whether one person can come to hold two roles at once. */
export interface Separation {
  /** How. */
  readonly attack?: Attack;
  /** The keep that proves it. */
  readonly keep?: string;
  /** Who can bring it about, together. */
  readonly people?: readonly Described[];
  /** The two. */
  readonly roles: readonly RoleHere[];
  /** `proved`: nobody who is active ever comes to hold both. */
  readonly verdict: ProofVerdict;
}

/** What a fact is: `null` where the host says nothing, its value, or that of another fact. */
export type Setting = null | Fact | {
  /** The other fact. */
  readonly same_as: string;
};

/** A question that could not be asked. */
export interface Unanswered {
  /** The action. */
  readonly action: string;
  /** Why: the error of the engine. */
  readonly error: string;
}

/** A role that some can give by one verb and not by another, which others use for the same. */
export interface WeakerDoor {
  /** Who comes through the one and not through the other. */
  readonly actors: readonly Described[];
  /** The role. */
  readonly role: RoleHere;
  /** The verb that turns them away. */
  readonly stronger: string;
  /** To whom both verbs can give it. */
  readonly target: Described;
  /** The verb that lets them through. */
  readonly weaker: string;
}

/** A request that the two policies answer differently. */
export interface Witness {
  /** The answer under the new policy. */
  readonly after: Answered;
  /** The answer under the old policy. */
  readonly before: Answered;
  /** The request. */
  readonly request: Request;
  /** The organization. */
  readonly snapshot: Snapshot;
}
