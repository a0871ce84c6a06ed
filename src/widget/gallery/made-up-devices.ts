/** Devices for a page that must not ask for anybody's. */
class MadeUpDevices extends EventTarget {
  /** What a browser answers in place of a device. */
  error: DOMException | undefined;

  async getUserMedia(): Promise<MediaStream> {
    if (this.error !== undefined) throw this.error;
    return new AudioContext().createMediaStreamDestination().stream;
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return [
      device("audioinput", "default", "Default"),
      device("audioinput", "desk", "Desk microphone"),
      device("audiooutput", "default", "Default"),
    ];
  }
}

function device(kind: MediaDeviceKind, deviceId: string, label: string): MediaDeviceInfo {
  const info = { kind, deviceId, label, groupId: deviceId };
  return { ...info, toJSON: () => info };
}

export const DEVICES = new MadeUpDevices();
Object.defineProperty(navigator, "mediaDevices", { value: DEVICES });
