import { signal } from "@preact/signals";

/** What a visitor can be heard or seen by. */
export interface CaptureSource {
  /** @param deviceId a bare id: this one if it is there */
  request(deviceId: ConstrainDOMString | undefined): Promise<MediaStream>;
  /** Absent where no other device can take the place of one that went: of a screen. */
  device?: { kind: MediaDeviceKind; permission: "microphone" | "camera" };
}

export interface CaptureEvents {
  /** Another device has taken over. `isLoss`: the one before it went away. */
  replaced(track: MediaStreamTrack, isLoss: boolean): void;
  /** Nothing is open any more. */
  lost(reason: unknown): void;
}

/** What goes away and leaves no other. */
export const LOST = "LostError";
/** A device that goes as often as it comes is given up. */
const MAX_LOSSES = 3;
const STEADY_MS = 5000;
/** A browser that asks the visitor, or a device that hangs, is not waited for while the talk believes that it is heard. */
const REPLACE_MS = 10_000;

/**
 * The one place that opens, follows and stops the devices of a kind: there is one live track at most, and none while
 * it is closed. What a browser brings late is stopped as it comes.
 */
export class Capture {
  readonly track = signal<MediaStreamTrack | undefined>(undefined);
  /** Whether the system lets nothing through: a switch of the device's own, a telephone call. */
  readonly isSilenced = signal(false);
  readonly #source: CaptureSource;
  readonly #events: CaptureEvents;
  /** Counts what was asked of the browser: the answer to an earlier question is not wanted any more. */
  #turn = 0;
  #watch: AbortController | undefined;
  /** What the visitor chose: taken again when it comes back. */
  #choice: string | undefined;
  #isSwitching = false;
  #wasGranted = false;
  #losses: number[] = [];

  constructor(source: CaptureSource, events: CaptureEvents) {
    this.#source = source;
    this.#events = events;
  }

  /** The device that is open now. */
  get deviceId(): string | undefined {
    return this.track.value?.getSettings().deviceId;
  }

  /**
   * @param choice the device that the visitor chose earlier, if it is there
   * @returns whether it is open; else it was closed, or opened anew, meanwhile
   * @throws what the browser says
   */
  async open(choice?: string): Promise<boolean> {
    this.close();
    const turn = ++this.#turn;
    this.#choice = choice;
    this.#wasGranted = false;
    this.#losses = [];
    const track = await this.#any(turn, choice);
    if (track === undefined) return false;
    this.#watch = new AbortController();
    this.#adopt(track);
    void this.#watchDevices(this.#watch.signal);
    return true;
  }

  /** @throws what the browser says: then the device before it stays. */
  async use(deviceId: string): Promise<void> {
    await this.#switch(deviceId);
    this.#choice = deviceId;
  }

  close(): void {
    this.#turn++;
    this.#isSwitching = false;
    this.#watch?.abort();
    this.#watch = undefined;
    this.#drop();
  }

  async #switch(deviceId: string): Promise<void> {
    const turn = ++this.#turn;
    this.#isSwitching = true;
    try {
      const track = await this.#request(turn, { exact: deviceId });
      if (track === undefined) return;
      this.#isSwitching = false;
      this.#adopt(track);
      this.#events.replaced(track, false);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#isSwitching = false;
      // What was there may have gone meanwhile.
      if (this.track.value === undefined) void this.#replace();
      throw error;
    }
  }

  /** @returns undefined when nobody waits for it any more. */
  async #request(
    turn: number,
    deviceId: ConstrainDOMString | undefined,
  ): Promise<MediaStreamTrack | undefined> {
    const tracks = (await this.#source.request(deviceId)).getTracks();
    const isWanted = turn === this.#turn;
    for (const one of isWanted ? tracks.slice(1) : tracks) one.stop();
    if (!isWanted) return undefined;
    const [track] = tracks;
    if (track?.readyState !== "live") throw new DOMException("Gone before it came.", LOST);
    return track;
  }

  /** The browser's choice; where that is gone or taken, any other. */
  async #any(turn: number, wanted: string | undefined): Promise<MediaStreamTrack | undefined> {
    try {
      return await this.#request(turn, wanted);
    } catch (reason) {
      for (const { deviceId } of isRefused(reason) ? [] : await this.#devices()) {
        if (turn !== this.#turn) return undefined;
        if (deviceId === "" || deviceId === "default") continue;
        const track = await this.#request(turn, { exact: deviceId }).catch(() => undefined);
        if (track !== undefined) return track;
      }
      if (turn !== this.#turn) return undefined;
      throw reason;
    }
  }

  #adopt(track: MediaStreamTrack): void {
    this.#drop();
    track.addEventListener("ended", () => {
      if (this.track.value !== track) return;
      this.#drop();
      // Some browsers end the old one as they open the next.
      if (!this.#isSwitching) void this.#replace();
    });
    const listen = (): void => {
      if (this.track.value === track) this.isSilenced.value = track.muted;
    };
    track.addEventListener("mute", listen);
    track.addEventListener("unmute", listen);
    this.track.value = track;
    listen();
  }

  #drop(): void {
    this.track.value?.stop();
    this.track.value = undefined;
    this.isSilenced.value = false;
  }

  /** What was there went away: another takes its place, or everything is off. */
  async #replace(): Promise<void> {
    const turn = ++this.#turn;
    const giveUp = (reason: unknown): void => {
      if (turn === this.#turn) this.#lose(reason);
    };
    const late = new DOMException("None came in time.", LOST);
    const timer = setTimeout(() => giveUp(late), REPLACE_MS);
    try {
      const track = await this.#next(turn);
      if (track === undefined) return;
      this.#adopt(track);
      this.#events.replaced(track, true);
    } catch (reason) {
      giveUp(reason);
    } finally {
      clearTimeout(timer);
    }
  }

  async #next(turn: number): Promise<MediaStreamTrack | undefined> {
    const now = Date.now();
    this.#losses = [...this.#losses.filter((at) => now - at < STEADY_MS), now];
    if (this.#source.device === undefined || this.#losses.length > MAX_LOSSES) {
      throw new DOMException("It went away.", LOST);
    }
    const state = (await this.#permission())?.state;
    if (turn !== this.#turn) return undefined;
    // Asked once more the browser would ask the visitor, who has just said no.
    if (state === "denied" || (state === "prompt" && this.#wasGranted)) throw revoked();
    return this.#any(turn, undefined);
  }

  #lose(reason: unknown): void {
    this.close();
    this.#events.lost(reason);
  }

  async #watchDevices(over: AbortSignal): Promise<void> {
    if (this.#source.device === undefined) return;
    const options = { signal: over };
    navigator.mediaDevices.addEventListener("devicechange", () => void this.#follow(), options);
    const permission = await this.#permission();
    if (over.aborted || permission === undefined) return;
    this.#wasGranted = permission.state === "granted";
    const check = (): void => {
      if (permission.state === "granted") this.#wasGranted = true;
      else this.#lose(revoked());
    };
    permission.addEventListener("change", check, options);
  }

  /** Devices came, went, or the system's choice among them is another. */
  async #follow(): Promise<void> {
    const turn = this.#turn;
    const devices = await this.#devices();
    const track = this.track.value;
    // Before a permission, and in some browsers always, devices have no ids.
    const isTold = devices.every(({ deviceId }) => deviceId !== "");
    if (turn !== this.#turn || track === undefined || !isTold) return;
    const { deviceId, groupId } = track.getSettings();
    const find = (id: string): MediaDeviceInfo | undefined =>
      devices.find((one) => one.deviceId === id);
    const system = find("default");
    if (this.#choice !== undefined && this.#choice !== deviceId && find(this.#choice)) {
      await this.#switch(this.#choice).catch(() => undefined);
    } else if (deviceId === "default" && system !== undefined && system.groupId !== groupId) {
      await this.#switch("default").catch(() => undefined);
    } else if (deviceId !== undefined && find(deviceId) === undefined) {
      // Safari goes on in silence when earphones are taken out.
      this.#drop();
      await this.#replace();
    }
  }

  async #devices(): Promise<MediaDeviceInfo[]> {
    const { device } = this.#source;
    if (device === undefined) return [];
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    return devices.filter(({ kind }) => kind === device.kind);
  }

  async #permission(): Promise<PermissionStatus | undefined> {
    // Not every browser knows these names.
    const name = this.#source.device?.permission as PermissionName;
    return navigator.permissions?.query({ name }).catch(() => undefined);
  }
}

function revoked(): DOMException {
  return new DOMException("The permission was taken back.", "NotAllowedError");
}

function isRefused(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "NotAllowedError";
}
