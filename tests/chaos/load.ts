import { fileURLToPath } from "node:url";
import type { LoadOrder } from "./access.ts";
import type { LoadEvent } from "./load_events.ts";
import type { Timeline } from "./timeline.ts";

const PROGRAM = fileURLToPath(new URL("load_process.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What is known of one upload. */
export interface UploadRecord {
  size: number;
  sha256: string;
  acknowledgements: number;
  inode: number | null;
  lost: boolean;
}

/** What clients did, and what came of it. */
export class Ledger {
  readonly uploads = new Map<string, UploadRecord>();
  readonly #timeline: Timeline;
  requests = 0;
  requestBytes = 0;
  requestsLost = 0;
  slowestMs = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  note(event: LoadEvent): void {
    switch (event.type) {
      case "upload": {
        const { size, sha256 } = event;
        const record = { size, sha256, acknowledgements: 0, inode: null, lost: false };
        this.uploads.set(event.name, record);
        break;
      }
      case "acknowledged": {
        const upload = this.uploads.get(event.name);
        if (upload === undefined) return this.#timeline.failed(`${event.name} was never sent`);
        upload.acknowledgements++;
        upload.inode = event.inode;
        break;
      }
      case "upload-lost": {
        const upload = this.uploads.get(event.name);
        if (upload !== undefined) upload.lost = true;
        this.#timeline.failed(`Upload ${event.name} is lost: ${event.error}`);
        break;
      }
      case "answered":
        this.requests += event.requests;
        this.requestBytes += event.bytes;
        this.slowestMs = Math.max(this.slowestMs, event.slowestMs);
        break;
      case "request-lost":
        this.requestsLost++;
        this.#timeline.failed(`Request is lost: ${event.error}`);
        break;
    }
  }
}

/** A client program under way. */
export class Load implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #timeline: Timeline;

  constructor(order: LoadOrder, ledger: Ledger, timeline: Timeline) {
    this.#timeline = timeline;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--config", CONFIG, PROGRAM, JSON.stringify(order)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#reading = this.#read(ledger);
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(deadlineMs: number): Promise<void> {
    await this.#child.stdin.close();
    const timer = setTimeout(() => {
      this.#timeline.failed("A client program does not come to an end");
      this.#child.kill("SIGKILL");
    }, deadlineMs);
    const { code } = await this.#child.status;
    clearTimeout(timer);
    await this.#reading;
    if (code !== 0) this.#timeline.failed(`A client program has failed: exit code ${code}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#reading;
  }

  async #read(ledger: Ledger): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) ledger.note(JSON.parse(line));
    }
  }
}
