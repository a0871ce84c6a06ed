import { Field, InputType, ObjectType } from "type-graphql";
import { JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";
import { Passkey } from "./passkey.type.js";
import { Viewer } from "./viewer.type.js";

@ObjectType({ description: "What `startPasskey` answers." })
export class StartPasskeyPayload {
  @Field(() => JSONObjectScalar, {
    description: "For `PublicKeyCredential.parseCreationOptionsFromJSON`; good for five minutes.",
  })
  options: object;
}

@InputType({ description: "A passkey that an authenticator is to make." })
export class StartPasskeyInput {
  @Field(() => String, {
    description:
      "What its person will call it, as `confirmPasskey` takes it: what is refused there is refused before there is a passkey.",
  })
  name: string;
}

@InputType({ description: "A passkey that an authenticator has made." })
export class ConfirmPasskeyInput {
  @Field(() => String, { description: "What its person calls it: 1 to 200 characters." })
  name: string;

  @Field(() => JSONObjectScalar, {
    description: "The authenticator's answer: `PublicKeyCredential.toJSON()`.",
  })
  response: object;
}

@ObjectType({ description: "What `confirmPasskey` answers." })
export class ConfirmPasskeyPayload {
  @Field(() => Viewer, { description: "Who is signed in." })
  viewer: Viewer;
}

@InputType({ description: "Another name of a passkey." })
export class RenamePasskeyInput {
  @Field(() => UUIDScalar, { description: "One of the person's own." })
  id: string;

  @Field(() => String, { description: "1 to 200 characters." })
  name: string;
}

@ObjectType({ description: "What `renamePasskey` answers." })
export class RenamePasskeyPayload {
  @Field(() => Passkey, { description: "The passkey." })
  passkey: Passkey;
}

@InputType({ description: "The passkey to remove." })
export class RemovePasskeyInput {
  @Field(() => UUIDScalar, { description: "One of the person's own." })
  id: string;
}

@ObjectType({ description: "What `removePasskey` answers." })
export class RemovePasskeyPayload {
  @Field(() => Viewer, { description: "Who is signed in; all their other sessions have ended." })
  viewer: Viewer;
}
