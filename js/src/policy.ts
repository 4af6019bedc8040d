/// <reference lib="esnext.disposable" preserve="true" />
import * as engine from "./engine.js";
import type { Need, PolicyDocument, Presets } from "./documents.js";
import { mustBeReady } from "./engine-ready.js";
import { asked, TenantryError } from "./error.js";
import type { Known, Names, NamesOf, NamesOfPreset } from "./names.js";
import { NONE } from "./none.js";
import type { Denial, Request } from "./questions.js";

/** Gives a policy document back as it is, with its names known to TypeScript. */
export function definePolicy<const D extends PolicyDocument>(document: D & Known<D, PolicyDocument>): D {
  return document;
}

/** The engine's side of a policy. @internal */
export let engineOf: (policy: Policy<any>) => engine.Policy;

/** A compiled policy. It can serve any number of organizations. */
export class Policy<N extends Names = Names> {
  #engine: engine.Policy | undefined;
  /** Its name. */
  readonly name: string;
  /** SHA-256 of its canonical JSON, in hexadecimal. */
  readonly digest: string;
  /** Its actions by number: those that every policy has, then its own by name. */
  readonly actions: ReadonlyArray<N["action"]>;
  /** What the numbers of denials stand for: 0 for nothing. */
  readonly denials: ReadonlyArray<Denial | null>;

  private constructor(compiled: engine.Policy) {
    this.#engine = compiled;
    this.name = compiled.name();
    this.digest = compiled.digest();
    this.actions = JSON.parse(compiled.actions()) as N["action"][];
    const denials = JSON.parse(compiled.denials()) as [string, string][];
    this.denials = [null, ...denials.map(([code, message]) => ({ code, message }))];
  }

  /** Compiles a policy: an object, or a text in JSON. A bad one is refused with every problem at once. */
  static parse<const D extends PolicyDocument>(document: D | string): Policy<NamesOf<D>> {
    mustBeReady();
    const text = typeof document === "string" ? document : JSON.stringify(document);
    return asked(() => new Policy<NamesOf<D>>(engine.Policy.parse(text)));
  }

  /** A ready policy. */
  static preset<const P extends keyof Presets | (string & {})>(name: P): Policy<NamesOfPreset<P>> {
    mustBeReady();
    return asked(() => new Policy<NamesOfPreset<P>>(engine.Policy.preset(name)));
  }

  /** The number of an action, for questions by numbers; `NONE` if the policy does not have it. */
  action(name: N["action"]): number {
    const number = this.actions.indexOf(name);
    return number < 0 ? NONE : number;
  }

  /** The whole policy, what it extends included. */
  document(): PolicyDocument {
    return JSON.parse(this.documentJson()) as PolicyDocument;
  }

  /** The same as canonical JSON: what the digest is made of. */
  documentJson(): string {
    return asked(() => engineOf(this).document());
  }

  /** The facts that a host with its own database loads before it asks. */
  needs(organization: string, request: Request<N>): Need[] {
    return JSON.parse(this.needsJson(organization, JSON.stringify(request))) as Need[];
  }

  /** The same from JSON to canonical JSON. */
  needsJson(organization: string, request: string): string {
    return asked(() => engineOf(this).needs(organization, request));
  }

  /** Frees the memory at once; otherwise it is freed some time after the policy is out of reach. Directories stay good. */
  dispose(): void {
    this.#engine?.free();
    this.#engine = undefined;
  }

  /** The same, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  static {
    engineOf = (policy) => {
      if (policy.#engine === undefined) throw TenantryError.of("disposed", "the policy is disposed");
      return policy.#engine;
    };
  }
}
