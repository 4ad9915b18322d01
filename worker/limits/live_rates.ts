import { ByteRate } from "../../base/byte_rate.ts";

/** How many bytes there may be in a second, of all clients and of those that are called something; 0: any number. */
export interface RateSettings {
  readonly bytesPerSecond: number;
  readonly tokens: readonly { readonly name: string; readonly bytesPerSecond: number }[];
}

/** Whose rates are asked for. */
export interface RatedSession {
  readonly id: string;
  /** Name of its token. */
  readonly name: string;
}

/** Rates that are changed while the worker serves, besides those of its configuration. */
export class LiveRates {
  #all: ByteRate | undefined;
  #tokens: ReadonlyMap<string, ByteRate> = new Map();
  readonly #sessions = new Map<string, ByteRate>();

  /** Has others hold, in place of all before but those of single sessions. */
  set({ bytesPerSecond, tokens }: RateSettings): void {
    this.#all = rateOf(bytesPerSecond);
    this.#tokens = new Map(
      tokens.filter(({ bytesPerSecond }) => bytesPerSecond > 0)
        .map(({ name, bytesPerSecond }) => [name, new ByteRate(bytesPerSecond)]),
    );
  }

  /** The same for a session, as long as it lasts. */
  setSession(id: string, bytesPerSecond: number): void {
    const rate = rateOf(bytesPerSecond);
    if (rate === undefined) this.#sessions.delete(id);
    else this.#sessions.set(id, rate);
  }

  /** Those that hold for a session. */
  of({ id, name }: RatedSession): ByteRate[] {
    return [this.#all, this.#tokens.get(name), this.#sessions.get(id)]
      .filter((rate) => rate !== undefined);
  }

  /** A session is over. */
  forget(id: string): void {
    this.#sessions.delete(id);
  }
}

function rateOf(bytesPerSecond: number): ByteRate | undefined {
  return bytesPerSecond > 0 ? new ByteRate(bytesPerSecond) : undefined;
}
