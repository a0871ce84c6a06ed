import { Field, Int, ObjectType } from "type-graphql";
import { AuditChange } from "../audit/audit.type.js";
import type { AuditActorKind } from "../database/enums.js";
import { connectionType } from "../graphql/relay-connection.js";
import { DateTimeScalar, JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";

/** Who it was, as a row has it; the resolver makes an actor of it. */
export interface Written {
  readonly actorKind: AuditActorKind | null;
  readonly actorId: string | null;
  readonly credentialId: string | null;
}

@ObjectType({ description: "What a widget was after one of its saves. The last 200 are kept." })
export class WidgetRevision implements Written {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;

  @Field(() => Int, { description: "From 1, in the order of the saves." })
  number: number;

  @Field(() => DateTimeScalar, { description: "When it was saved." })
  at: Date;

  @Field(() => [AuditChange], { description: "What that save has changed, by path." })
  changes: AuditChange[];

  @Field(() => UUIDScalar, { description: "The agent that answered." })
  agentId: string;

  @Field(() => UUIDScalar, { description: "The version that answered, by its UUID." })
  agentVersionId: string;

  @Field(() => [String], { description: "The origins that could embed it." })
  domains: string[];

  @Field(() => Boolean, { description: "Whether visitors could use it." })
  published: boolean;

  @Field(() => JSONObjectScalar, { description: "Its looks and behaviour.", complexity: 16 })
  config: unknown;

  actorKind: AuditActorKind | null;
  actorId: string | null;
  credentialId: string | null;
  /** What pages are cut by. */
  createdAt: Date;
}

@ObjectType({
  description:
    "What somebody makes of a widget and has not saved yet: the fields of `updateWidget`, hardly checked. No visitor is shown any of it.",
})
export class WidgetDraft implements Written {
  @Field(() => UUIDScalar, { description: "The widget's id: a widget has one draft at most." })
  id: string;

  @Field(() => UUIDScalar, { nullable: true, description: "Null: as the widget has it." })
  agentId: string | null;

  @Field(() => UUIDScalar, { nullable: true, description: "Null: as the widget has it." })
  agentVersionId: string | null;

  @Field(() => [String], { nullable: true, description: "Null: as the widget has them." })
  domains: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "Null: as the widget has it." })
  published: boolean | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Null: as the widget has it.",
    complexity: 16,
  })
  config: unknown;

  @Field(() => Int, {
    nullable: true,
    description:
      "The number of the revision that it was made from; where the newest is another, the widget was saved since.",
  })
  basedOn: number | null;

  @Field(() => DateTimeScalar, { description: "When it was written last." })
  updatedAt: Date;

  actorKind: AuditActorKind;
  actorId: string | null;
  credentialId: string | null;
}

export const WidgetRevisionConnection = connectionType("WidgetRevision", WidgetRevision);
