import { decodeJwt, decodeProtectedHeader } from "jose";
import {
  AccessToken,
  RoomAgentDispatch,
  RoomConfiguration,
  TokenVerifier,
  TrackSource,
} from "livekit-server-sdk";
import { describe, expect, test } from "vitest";
import {
  createRoomToken,
  JOIN_TOKEN_SECONDS,
  type RoomTokenInput,
} from "../../../src/platform/livekit/room-token.js";

const LIVEKIT = {
  url: "ws://livekit.test:7880",
  apiKey: "APItestkey",
  apiSecret: "a-livekit-secret-for-tests-only-0123456789",
};

/** The same token, made by LiveKit's SDK. */
function byTheSdk(input: RoomTokenInput): Promise<string> {
  const token = new AccessToken(LIVEKIT.apiKey, LIVEKIT.apiSecret, {
    identity: input.identity,
    ttl: JOIN_TOKEN_SECONDS,
  });
  const { videoInput, screenShare } = input.capabilities;
  token.addGrant({
    room: input.room,
    roomJoin: true,
    canSubscribe: true,
    canPublish: true,
    canPublishData: true,
    canPublishSources: [
      TrackSource.MICROPHONE,
      ...(videoInput ? [TrackSource.CAMERA] : []),
      ...(screenShare ? [TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO] : []),
    ],
    canUpdateOwnMetadata: false,
  });
  token.roomConfig = new RoomConfiguration({
    emptyTimeout: 300,
    departureTimeout: 20,
    agents: [
      new RoomAgentDispatch({
        agentName: input.agentName,
        metadata: JSON.stringify(input.agentMetadata),
      }),
    ],
  });
  return token.toJwt();
}

const TIMES = { exp: 0, nbf: 0 };

describe("a room token", () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("has the claims of LiveKit's SDK (video %s, screen %s)", async (videoInput, screenShare) => {
    const input = {
      room: "parley_1",
      identity: "visitor_1",
      agentName: "agent “ü”",
      agentMetadata: { conversation_id: "c", widget_id: "w", agent_version_id: "v" },
      capabilities: { videoInput, screenShare },
    };
    const [ours, theirs] = [createRoomToken(LIVEKIT, input), await byTheSdk(input)];
    expect(decodeProtectedHeader(ours)).toEqual(decodeProtectedHeader(theirs));
    const [claims, expected] = [decodeJwt(ours), decodeJwt(theirs)];
    expect({ ...claims, ...TIMES }).toEqual({ ...expected, ...TIMES });
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(JOIN_TOKEN_SECONDS);
    expect(Math.abs(Number(claims.nbf) - Number(expected.nbf))).toBeLessThanOrEqual(60);
    const verifier = new TokenVerifier(LIVEKIT.apiKey, LIVEKIT.apiSecret);
    expect(await verifier.verify(ours)).toEqual(claims);
    const stranger = new TokenVerifier(LIVEKIT.apiKey, `${LIVEKIT.apiSecret}x`);
    await expect(stranger.verify(ours)).rejects.toThrow();
  });
});
