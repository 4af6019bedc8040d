import * as engine from "./engine.js";
import type { AuditRecord, CatalogueCode } from "./documents.js";
import { asked } from "./error.js";
import { mustBeReady } from "./engine-ready.js";
import type { Decision, PublicDecision } from "./questions.js";

/** A row of the catalogue of codes. */
export interface CodeRow {
  /** The code. */
  readonly code: CatalogueCode;
  /** The step of a decision that gives it. */
  readonly step: string;
  /** The sentence that people see, unless a rule brings its own. */
  readonly message: string;
}

/** What of a decision may be shown to the actor. */
export function publicDecision(decision: Decision): PublicDecision {
  return JSON.parse(publicDecisionJson(JSON.stringify(decision))) as PublicDecision;
}

/** The same from JSON to canonical JSON. */
export function publicDecisionJson(decision: string): string {
  mustBeReady();
  return asked(() => engine.publicDecision(decision));
}

/** A decision as entries of an audit log. */
export function audit(decision: Decision): AuditRecord[] {
  return JSON.parse(auditJson(JSON.stringify(decision))) as AuditRecord[];
}

/** The same from JSON to canonical JSON. */
export function auditJson(decision: string): string {
  mustBeReady();
  return asked(() => engine.audit(decision));
}

/** Every code that the engine itself can give. */
export function codes(): CodeRow[] {
  return JSON.parse(codesJson()) as CodeRow[];
}

/** The same as canonical JSON. */
export function codesJson(): string {
  mustBeReady();
  return asked(() => engine.codes());
}
