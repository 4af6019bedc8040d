// The analysis, with types for what it answers.
import { Policy, type Snapshot } from "tenantry";
import { diff, matrix, matrixHtml, prove, TenantryError, type Claim, type Matrix, type PolicySource, type Proof } from "tenantry/analysis";

const page: string = matrixHtml({ preset: "starter" });
const found: Matrix = matrix(Policy.preset("starter"));
const cell = found.rows[0]?.cells[0];
if (cell?.verdict === "depends") cell.when?.map((condition) => condition["context.mfa"]?.length);
for (const party of found.parties) if (party.is === "member") party.holds.map(({ role }) => party.label + role);
const sources: PolicySource[] = ["{}", { tenantry: 1, name: "mine", extends: "starter" }, { preset: "any name may be tried" }];
const snapshot: Snapshot | undefined = diff(sources[0]!, sources[1]!).changes.find(({ kind }) => kind === "widen")?.witness.snapshot;
const claims: Claim[] = ["admin never owner", "always owner", "never admin and owner"];
const proof: Proof = prove({ preset: "inveterate" }, { claims });
for (const { verdict, attack } of proof.claims) if (verdict === "attack") attack?.requests.map((request) => request.action);
for (const { asset } of proof.lockout) ("role" in asset ? asset.role.scope : asset.verb).toUpperCase();
for (const { scenery } of found.rows) if (typeof scenery === "object" && "group" in scenery) scenery.group?.toUpperCase();
void [page, snapshot, TenantryError];

// @ts-expect-error: no claim
prove({ preset: "inveterate" }, { claims: ["admin becomes owner"] });
// @ts-expect-error: no such word
prove({ preset: "inveterate" }, { claim: "always owner" });
// @ts-expect-error: nothing is `maybe`
if (cell?.verdict === "maybe") void 0;
// @ts-expect-error: what is found out is not written to
proof.claims = [];
// @ts-expect-error: no policy
matrix(5);
