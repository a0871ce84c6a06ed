import { Field, InputType, ObjectType } from "type-graphql";
import { Viewer } from "./viewer.type.js";

@InputType({ description: "Begins with an authenticator app." })
export class StartTotpInput {
  @Field(() => String, {
    nullable: true,
    description: "A code of the present one, or a recovery code; only who has none leaves it out.",
  })
  code?: string | null;
}

@ObjectType({ description: "What `startTotp` answers." })
export class StartTotpPayload {
  @Field(() => String, { description: "For an app, in Base32. Shown only here." })
  secret: string;

  @Field(() => String, { description: "The same as an `otpauth://` URI, for a QR code." })
  uri: string;
}

@InputType({ description: "Takes an authenticator app into use." })
export class ConfirmTotpInput {
  @Field(() => String, { description: "A code that the app shows for the new secret." })
  code: string;
}

@ObjectType({ description: "What `confirmTotp` answers." })
export class ConfirmTotpPayload {
  @Field(() => [String], {
    description: "Each stands for the app once. Shown only here; former ones are good no more.",
  })
  recoveryCodes: string[];

  @Field(() => Viewer, { description: "Who is signed in; all their other sessions have ended." })
  viewer: Viewer;
}

@InputType({ description: "Goes on without an authenticator app." })
export class RemoveTotpInput {
  @Field(() => String, { description: "A code that the app shows, or a recovery code." })
  code: string;
}

@ObjectType({ description: "What `removeTotp` answers." })
export class RemoveTotpPayload {
  @Field(() => Viewer, { description: "Who is signed in." })
  viewer: Viewer;
}
