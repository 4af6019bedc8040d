import type { ErrorCode, Need } from "./documents.js";
import type { Decision } from "./questions.js";

/** A code that the package itself gives: used after `dispose`, asked before `init`, or a fault of the engine. */
export type HostCode = "disposed" | "not_ready" | "internal";

/** One problem of a policy. */
export interface Problem {
  /** Where: `allow[2].actor.role` (rules count from 0). */
  readonly path: string;
  /** What sort of problem. */
  readonly code: string;
  /** What was met and what was expected. */
  readonly message: string;
  /** The nearest name that would have been right. */
  readonly nearest?: string;
}

interface ErrorDocument {
  readonly code: ErrorCode | HostCode;
  readonly message: string;
  readonly path?: string;
  readonly problems?: readonly Problem[];
  readonly missing?: readonly Need[];
  readonly fresh?: Decision | { readonly error: ErrorDocument };
}

/** A malformed question. Errors are never decisions, and a decision is never an error. */
export class TenantryError extends Error {
  override readonly name = "TenantryError";
  /** What is wrong, as a stable code. */
  readonly code: ErrorCode | HostCode;
  /** Where the first fault of a document is. */
  readonly path?: string;
  /** Every problem of a policy (`bad_policy`). */
  readonly problems: readonly Problem[];
  /** The facts to load (`missing_facts`). */
  readonly missing: readonly Need[];
  /** What the answer is now (`stale` and `late`), or the error in its place. */
  readonly fresh?: Decision | TenantryError;
  /** The error as a document, in canonical JSON. */
  readonly json: string;

  private constructor(json: string, cause?: unknown) {
    const document = JSON.parse(json) as ErrorDocument;
    super(document.message, cause === undefined ? undefined : { cause });
    this.code = document.code;
    if (document.path !== undefined) this.path = document.path;
    this.problems = document.problems ?? [];
    this.missing = document.missing ?? [];
    const fresh = document.fresh;
    if (fresh !== undefined) this.fresh = "error" in fresh ? new TenantryError(JSON.stringify(fresh.error)) : fresh;
    this.json = json;
  }

  /** @internal */
  static of(code: HostCode, message: string, cause?: unknown): TenantryError {
    return new TenantryError(JSON.stringify({ code, message }), cause);
  }

  /** What the engine has thrown: the text of an error document, or a fault of its own. @internal */
  static from(thrown: unknown): unknown {
    if (thrown instanceof TenantryError) return thrown;
    if (typeof thrown === "string") return new TenantryError(thrown);
    return TenantryError.of("internal", "the engine has failed; use a new directory", thrown);
  }
}

/** The one door through which errors of the engine come. @internal */
export function asked<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw TenantryError.from(thrown);
  }
}
