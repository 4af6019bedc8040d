export { audit, auditJson, codes, codesJson, publicDecision, publicDecisionJson, type CodeRow } from "./decision.js";
export { Directory, type Columns } from "./directory.js";
export { TenantryError, type HostCode, type Problem } from "./error.js";
export type { Names, NamesOf, NamesOfPreset } from "./names.js";
export { NONE } from "./none.js";
export { definePolicy, Policy } from "./policy.js";
export type {
  About,
  Ask,
  Code,
  Decision,
  Denial,
  Explanation,
  PageQuery,
  PublicDecision,
  Request,
  Verdict,
  WhoCanQuery,
} from "./questions.js";
export type {
  Actor,
  AuditRecord,
  BuiltInAction,
  CatalogueCode,
  ErrorCode,
  Event,
  Fact,
  Facts,
  InvitationLine,
  MemberLine,
  Need,
  Obligation,
  Page,
  PermittedQuery,
  PolicyDocument,
  Presets,
  Reason,
  Remedy,
  Snapshot,
  Warning,
} from "./documents.js";
