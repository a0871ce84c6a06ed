// The closed sets of the Prisma schema, for code that has no business with the client.
export {
  AuditActorKind,
  AuditVia,
  Channel,
  ConversationStatus,
  Direction,
  IdentityMode,
  Role,
  TurnError,
  TurnMode,
  TurnRole,
} from "./generated/enums.js";
