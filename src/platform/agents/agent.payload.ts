import { Field, ObjectType } from "type-graphql";
import { UUIDScalar } from "../graphql/scalars.js";
import { Agent, AgentVersion } from "./agent.type.js";

@ObjectType({ description: "What `createAgent` answers." })
export class CreateAgentPayload {
  @Field(() => Agent, { description: "The new agent." })
  agent: Agent;
}

@ObjectType({ description: "What `updateAgent` answers." })
export class UpdateAgentPayload {
  @Field(() => Agent, { description: "The agent as it is now." })
  agent: Agent;
}

@ObjectType({ description: "What `deleteAgent` answers." })
export class DeleteAgentPayload {
  @Field(() => UUIDScalar, { description: "The id of the agent that is gone." })
  deletedAgentId: string;
}

@ObjectType({ description: "What `createAgentVersion` answers." })
export class CreateAgentVersionPayload {
  @Field(() => AgentVersion, { description: "The new draft." })
  agentVersion: AgentVersion;
}

@ObjectType({ description: "What `updateAgentVersion` answers." })
export class UpdateAgentVersionPayload {
  @Field(() => AgentVersion, { description: "The draft as it is now." })
  agentVersion: AgentVersion;
}

@ObjectType({ description: "What `publishAgentVersion` answers." })
export class PublishAgentVersionPayload {
  @Field(() => AgentVersion, { description: "The published version." })
  agentVersion: AgentVersion;
}
