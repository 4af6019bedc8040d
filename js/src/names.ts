import type { BuiltInAction, PolicyDocument, Presets } from "./documents.js";

/** The names that a policy declares: what tells a wrong name from a right one while types are checked. */
export interface Names {
  /** Its actions. */
  readonly action: string;
  /** Its roles, by name and with their kind of scope: `admin`, `workspace.admin`. */
  readonly role: string;
}

type Extended<D> = D extends { readonly extends: infer P } ? (P extends keyof Presets ? Presets[P] : { actions: string; roles: string }) : { actions: never; roles: never };

type OwnActions<D> = D extends { readonly actions: infer A } ? keyof A & string : never;

type OwnRoles<D> = D extends { readonly roles: infer K } ? { [Kind in keyof K & string]: (keyof K[Kind] & string) | `${Kind}.${keyof K[Kind] & string}` }[keyof K & string] : never;

/** The names that a policy document declares. Those of a document that is not known while types are checked are any text. */
export type NamesOf<D> = PolicyDocument extends D
  ? Names
  : {
      readonly action: BuiltInAction | OwnActions<D> | Extended<D>["actions"];
      readonly role: D extends { readonly custom_roles: unknown } ? string : OwnRoles<D> | Extended<D>["roles"];
    };

/** The names of a ready policy. */
export type NamesOfPreset<P> = P extends keyof Presets ? { readonly action: BuiltInAction | Presets[P]["actions"]; readonly role: Presets[P]["roles"] } : Names;

type Field<S, K> = S extends unknown ? (K extends keyof S ? S[K] : never) : never;

type Item<S> = S extends readonly (infer I)[] ? I : never;

/** A document with no field but those that it may have: what the compiler checks by itself only where nothing is inferred. */
export type Known<D, S> = D extends readonly unknown[]
  ? { [I in keyof D]: Known<D[I], Item<S>> }
  : D extends object
    ? { [K in keyof D]: [Field<S, K>] extends [never] ? never : Known<D[K], Field<S, K>> }
    : D;
