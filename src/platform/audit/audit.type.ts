import { ArgsType, Field, ObjectType } from "type-graphql";
import type { AuditActorKind, AuditVia } from "../database/enums.js";
import { AuditActorKindEnum, AuditViaEnum } from "../graphql/enum-literals.js";
import { connectionType, PageArgs } from "../graphql/relay-connection.js";
import { DateTimeScalar, JSONScalar, UUIDScalar } from "../graphql/scalars.js";

@ObjectType({ description: "Who changed something.", simpleResolvers: true })
export class AuditActor {
  @Field(() => AuditActorKindEnum, { description: "What they were known by." })
  kind: AuditActorKind;

  @Field(() => String, {
    nullable: true,
    description: "The key's public id, or the person's id; null at the command line.",
  })
  id: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The public id of the key or token itself; null at the command line.",
  })
  credentialId: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "What the key, or the person, is called now; null at the command line, and when they are no more.",
  })
  name: string | null;
}

@ObjectType({ description: "What was changed.", simpleResolvers: true })
export class AuditSubject {
  @Field(() => String, { description: "The word before the dot of `action`, such as `widget`." })
  kind: string;

  @Field(() => String, {
    nullable: true,
    description: "Its id; null for a visitor, and for a conversation that was erased.",
  })
  id: string | null;
}

@ObjectType({
  description: "One path that was changed; in place of a secret stands `[redacted]`.",
  simpleResolvers: true,
})
export class AuditChange {
  @Field(() => String, { description: "Such as `config.v1.theme`." })
  path: string;

  @Field(() => JSONScalar, { nullable: true, description: "Null: there was none." })
  before: unknown;

  @Field(() => JSONScalar, { nullable: true, description: "Null: there is none." })
  after: unknown;
}

@ObjectType({
  description:
    "One administrative write, by whichever way; it was kept if and only if what it tells of was.",
  simpleResolvers: true,
})
export class AuditEntry {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;

  @Field(() => DateTimeScalar, { description: "When." })
  at: Date;

  @Field(() => AuditActor, { description: "Who." })
  actor: AuditActor;

  @Field(() => AuditViaEnum, { description: "The way it came." })
  via: AuditVia;

  @Field(() => String, { description: "What was done, such as `widget.update`." })
  action: string;

  @Field(() => AuditSubject, { description: "What it was done to." })
  subject: AuditSubject;

  @Field(() => [AuditChange], { description: "What has changed, by path." })
  changes: AuditChange[];

  @Field(() => String, {
    nullable: true,
    description: "The id of the request, as its answer and the log have it.",
  })
  requestId: string | null;

  /** What pages are cut by. */
  createdAt: Date;
}

@ArgsType()
export class AuditLogArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "Such as `widget.update`, exactly." })
  action?: string | null;

  @Field(() => String, { nullable: true, description: "`actor.id`." })
  actorId?: string | null;

  @Field(() => String, { nullable: true, description: "`subject.id`." })
  subjectId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "From then on." })
  since?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Before then." })
  until?: Date | null;
}

export const AuditEntryConnection = connectionType("AuditEntry", AuditEntry);
