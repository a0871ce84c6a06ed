/** Devices for a page that must not ask for anybody's. */
class MadeUpDevices extends EventTarget {
  /** What a browser answers in place of a device. */
  error: DOMException | undefined;
  /** One for all: a browser has few. */
  #audio: AudioContext | undefined;

  async getUserMedia({ video }: MediaStreamConstraints): Promise<MediaStream> {
    if (this.error !== undefined) throw this.error;
    if (video !== undefined) return still();
    this.#audio ??= new AudioContext();
    return this.#audio.createMediaStreamDestination().stream;
  }

  async getDisplayMedia(): Promise<MediaStream> {
    return still();
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return [
      device("audioinput", "default", "Default"),
      device("audioinput", "desk", "Desk microphone"),
      device("audiooutput", "default", "Default"),
    ];
  }
}

/** Something like a window with a lamp in it, the left half lighter: a mirror shows which way it is. */
function still(): MediaStream {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const context = canvas.getContext("2d");
  const shapes: [colour: string, ...at: [number, number, number, number]][] = [
    ["#8aa0b4", 0, 0, 320, 180],
    ["#b9c7d3", 0, 0, 160, 180],
    ["#f3d27a", 40, 40, 60, 60],
  ];
  for (const [colour, ...at] of shapes) {
    if (context === null) continue;
    context.fillStyle = colour;
    context.fillRect(...at);
  }
  return canvas.captureStream(1);
}

function device(kind: MediaDeviceKind, deviceId: string, label: string): MediaDeviceInfo {
  const info = { kind, deviceId, label, groupId: deviceId };
  return { ...info, toJSON: () => info };
}

export const DEVICES = new MadeUpDevices();
Object.defineProperty(navigator, "mediaDevices", { value: DEVICES });
