import { gunzipSync } from "node:zlib";
import {
  ClientInfo_SDK,
  JoinRequest,
  WrappedJoinRequest,
  WrappedJoinRequest_Compression,
} from "@livekit/protocol";
import { MAX_SIGNAL_MESSAGE_BYTES } from "./bounds.js";

/** What a client asks for when it joins by `/rtc/v1`. */
export function readJoinRequest(text: string): JoinRequest | undefined {
  try {
    const wrapped = WrappedJoinRequest.fromBinary(Buffer.from(text, "base64url"));
    const bytes =
      wrapped.compression === WrappedJoinRequest_Compression.GZIP
        ? gunzipSync(wrapped.joinRequest, { maxOutputLength: MAX_SIGNAL_MESSAGE_BYTES })
        : wrapped.joinRequest;
    return JoinRequest.fromBinary(bytes);
  } catch {
    return undefined;
  }
}

const SPOKEN_HERE: ReadonlySet<ClientInfo_SDK | undefined> = new Set([
  ClientInfo_SDK.JS,
  ClientInfo_SDK.NODE,
]);

/**
 * Whether one connection for both directions is understood here as this client means it. Others are
 * told that there is no such path, and fall back to two connections by themselves.
 */
export function isSpokenHere(request: JoinRequest): boolean {
  return SPOKEN_HERE.has(request.clientInfo?.sdk);
}
