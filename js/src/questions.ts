import type * as documents from "./documents.js";
import type { Names } from "./names.js";

type RoleAt<N extends Names> = N["role"] | (Omit<Exclude<documents.RoleAt, string>, "role"> & { readonly role: N["role"] });

type RoleEdit<N extends Names> = Omit<documents.RoleEdit, "roles" | "add" | "remove"> & {
  readonly roles?: ReadonlyArray<RoleAt<N>>;
  readonly add?: ReadonlyArray<RoleAt<N>>;
  readonly remove?: ReadonlyArray<N["role"]>;
};

type Asked<N extends Names> = {
  readonly action?: N["action"];
  readonly roles?: ReadonlyArray<RoleAt<N>>;
  readonly add?: ReadonlyArray<RoleAt<N>>;
  readonly remove?: ReadonlyArray<N["role"]>;
  readonly keep?: ReadonlyArray<N["role"]>;
  readonly scopes?: ReadonlyArray<RoleEdit<N>>;
};

/** One verb with its fields: a request, or an item of a batch. */
export type Ask<N extends Names = Names> = Omit<documents.Ask, keyof Asked<N>> & Asked<N> & { readonly action: N["action"] };

/** A request: somebody wants to do something. */
export type Request<N extends Names = Names> = Omit<documents.Request, keyof Asked<N> | "items"> & Asked<N> & { readonly items?: ReadonlyArray<Ask<N>> };

/** What a question about one action is about, and when. */
export interface About<N extends Names = Names> {
  /** The present time: milliseconds since 1970, or RFC 3339. */
  readonly now: number | string;
  /** The scope; the organization if absent. */
  readonly scope?: string | undefined;
  /** The user it would be about. */
  readonly target?: string | undefined;
  /** The role that would be given. Without it the question is whether any change of the verb is possible. */
  readonly role?: N["role"] | undefined;
  /** The invitation it would be about. */
  readonly invitation?: string | undefined;
  /** The group it would be about. */
  readonly group?: string | undefined;
  /** Attributes of the host's resource. */
  readonly resource?: documents.Facts | undefined;
  /** Values that the host vouches for. */
  readonly context?: documents.Facts | undefined;
}

/** What the members page shows. */
export type PageQuery<N extends Names = Names> = Omit<documents.PageQuery, "actions" | "roles"> & {
  readonly actions?: ReadonlyArray<N["action"]>;
  readonly roles?: ReadonlyArray<N["role"]>;
};

/** Who could do what, asked by a viewer. */
export type WhoCanQuery<N extends Names = Names> = Omit<documents.WhoCanQuery, "action" | "role"> & {
  readonly action: N["action"];
  readonly role?: N["role"];
};

/** An action and whether it is permitted. */
export type Verdict<N extends Names = Names> = Omit<documents.Verdict, "action" | "allowed" | "code" | "message"> & { readonly action: N["action"] } & (
    | { readonly allowed: true; readonly code?: undefined; readonly message?: undefined }
    | { readonly allowed: false; readonly code: Code; readonly message: string }
  );

/** A code of the catalogue, or one of the policy. */
export type Code = documents.CatalogueCode | (string & {});

/** What speaks against an action. */
export interface Denial {
  /** A code of the catalogue or of the policy. */
  readonly code: Code;
  /** The sentence that goes with it. */
  readonly message: string;
}

type Answer<D> = Omit<D, "effect" | "code" | "message">;

type Told<D> =
  | (Answer<D> & { readonly effect: "allow"; readonly code?: undefined; readonly message?: undefined })
  | (Answer<D> & { readonly effect: "deny"; readonly code: Code; readonly message: string });

/** The answer to a request: an allow with what becomes true, or a deny with a code and what would help. */
export type Decision = Told<documents.Decision>;

/** What of a decision may be shown to the actor. */
export type PublicDecision = Told<documents.PublicDecision>;

/** Why a request is decided as it is. */
export type Explanation = Omit<documents.Explanation, "decision"> & { readonly decision: Decision };
