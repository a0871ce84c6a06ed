/** Microphones and cameras that a test plugs in and out, and a browser that lets the panel have them. */

export class FakeTrack extends EventTarget {
  readyState: MediaStreamTrackState = "live";
  enabled = true;
  muted = false;

  constructor(
    readonly deviceId: string,
    readonly groupId: string,
  ) {
    super();
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** What a browser does with the tracks of a device that is unplugged. */
  end(): void {
    if (this.readyState === "ended") return;
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  /** A switch on the device, or the system, lets nothing through. */
  silence(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.deviceId, groupId: this.groupId };
  }
}

interface FakeDevice {
  id: string;
  kind: MediaDeviceKind;
}

/** As Chromium has it: beside the microphones stands one that is called default, and is the system's choice. */
export class FakeDevices extends EventTarget {
  readonly tracks: FakeTrack[] = [];
  readonly asked: string[] = [];
  readonly permission = Object.assign(new EventTarget(), { state: "granted" as PermissionState });
  /** The system's choice is the first. */
  plugged: FakeDevice[] = [
    { id: "desk", kind: "audioinput" },
    { id: "headset", kind: "audioinput" },
    { id: "webcam", kind: "videoinput" },
  ];
  /** What holds back the answers that are not to come yet. */
  held: Promise<void> | undefined;
  isBusy = false;

  get live(): FakeTrack[] {
    return this.tracks.filter(({ readyState }) => readyState === "live");
  }

  getUserMedia = async (constraints: MediaStreamConstraints): Promise<MediaStream> => {
    const { audio, video } = constraints;
    const kind = audio === undefined || audio === false ? "videoinput" : "audioinput";
    const wanted = typeof (audio ?? video) === "object" ? (audio ?? video) : undefined;
    const { deviceId } = wanted as MediaTrackConstraints;
    this.asked.push(JSON.stringify(deviceId ?? null));
    await this.held;
    if (this.permission.state !== "granted") throw new DOMException("", "NotAllowedError");
    if (this.isBusy) throw new DOMException("", "NotReadableError");
    const found = this.#find(kind, deviceId);
    if (found === undefined) throw new DOMException("", "NotFoundError");
    const track = new FakeTrack(found.deviceId, found.groupId);
    this.tracks.push(track);
    return { getTracks: () => [track] } as unknown as MediaStream;
  };

  enumerateDevices = async (): Promise<MediaDeviceInfo[]> =>
    this.#listed().map((one) => ({ ...one, label: one.groupId, toJSON: () => one }));

  unplug(id: string): void {
    this.plugged = this.plugged.filter((one) => one.id !== id);
    for (const track of this.tracks) if (track.groupId === id) track.end();
    this.dispatchEvent(new Event("devicechange"));
  }

  /** The system chooses what was plugged in last, as most do. */
  plug(id: string, kind: MediaDeviceKind = "audioinput"): void {
    this.plugged = [{ id, kind }, ...this.plugged.filter((one) => one.id !== id)];
    this.dispatchEvent(new Event("devicechange"));
  }

  /** The visitor takes it back, or the browser's owner does. */
  allow(state: PermissionState): void {
    this.permission.state = state;
    if (state !== "granted") for (const track of this.tracks) track.end();
    this.permission.dispatchEvent(new Event("change"));
  }

  #listed(): Pick<MediaDeviceInfo, "deviceId" | "groupId" | "kind">[] {
    const listed = this.plugged.map(({ id, kind }) => ({ deviceId: id, groupId: id, kind }));
    const first = listed.find(({ kind }) => kind === "audioinput");
    return first === undefined ? listed : [{ ...first, deviceId: "default" }, ...listed];
  }

  #find(
    kind: MediaDeviceKind,
    wanted: ConstrainDOMString | undefined,
  ): { deviceId: string; groupId: string } | undefined {
    const devices = this.#listed().filter((one) => one.kind === kind);
    const exact = typeof wanted === "object" && "exact" in wanted ? wanted.exact : undefined;
    const found = devices.find(({ deviceId }) => deviceId === (exact ?? wanted));
    return found ?? (exact === undefined ? devices[0] : undefined);
  }
}
