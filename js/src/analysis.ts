import type { Diff, Matrix, Proof } from "./analysis-documents.js";
import * as analyzer from "./analyzer.js";
import type { PolicyDocument, Presets } from "./documents.js";
import { asked } from "./error.js";
import type { Policy } from "./policy.js";

/** A policy: its document, as an object or a text in JSON; a ready one, by name; or a `Policy` of `tenantry`. */
export type PolicySource = PolicyDocument | string | { readonly preset: keyof Presets | (string & {}) } | Policy<any>;

/**
 * A sentence about a policy: `member, guest never owner`, `always owner`, `never payer and signer`. A role below the organization stands
 * with its kind: `workspace.admin`.
 */
export type Claim = `${string} never ${string}` | `always ${string}` | `never ${string} and ${string}`;

/** Who may do what to whom: every question about actor, target, role and scope, with the answer and the rules behind it. */
export function matrix(policy: PolicySource): Matrix {
  return JSON.parse(matrixJson(policy)) as Matrix;
}

/** The same as canonical JSON. */
export function matrixJson(policy: PolicySource): string {
  return asked(() => analyzer.matrix(written(policy), "json"));
}

/** The same as tables in Markdown. */
export function matrixMarkdown(policy: PolicySource): string {
  return asked(() => analyzer.matrix(written(policy), "markdown"));
}

/** The same as a page of HTML with a search, of its own and without anything from elsewhere: "Roles and permissions". */
export function matrixHtml(policy: PolicySource): string {
  return asked(() => analyzer.matrix(written(policy), "html"));
}

/** The same as CSV, a line for each question. */
export function matrixCsv(policy: PolicySource): string {
  return asked(() => analyzer.matrix(written(policy), "csv"));
}

/** What changes from one policy to another, each change with a state and a request that the two answer differently. */
export function diff(before: PolicySource, after: PolicySource): Diff {
  return JSON.parse(diffJson(before, after)) as Diff;
}

/** The same as canonical JSON. */
export function diffJson(before: PolicySource, after: PolicySource): string {
  return asked(() => analyzer.diff(written(before), written(after)));
}

/** What the policy can never let happen, over all sequences of requests, what it can, and whether these claims hold. */
export function prove(policy: PolicySource, about: { readonly claims?: readonly Claim[] } = {}): Proof {
  return JSON.parse(proveJson(policy, about)) as Proof;
}

/** The same as canonical JSON. */
export function proveJson(policy: PolicySource, about: { readonly claims?: readonly Claim[] } = {}): string {
  return asked(() => analyzer.prove(written(policy), Array.from(about.claims ?? [], String)));
}

/** The policy in JSON. */
function written(policy: PolicySource): string {
  if (typeof policy === "object" && policy !== null) {
    if ("documentJson" in policy) return policy.documentJson();
    if ("preset" in policy) return analyzer.preset(policy.preset);
  }
  return typeof policy === "string" ? policy : JSON.stringify(policy);
}

export { TenantryError, type HostCode, type Problem } from "./error.js";
export type * from "./analysis-documents.js";
