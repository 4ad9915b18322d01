import type {
  CommandContext,
  SessionStatus,
  TransferStatus,
  UploadStatus,
} from "../../handlers/commands/mod.ts";
import {
  AmbiguousIdError,
  NoSessionError,
  NoTransferError,
  TransferDoneError,
} from "../../handlers/commands/mod.ts";
import type { SessionSummary, TransferSummary } from "../../ipc/mod.ts";
import { type Asked, gather } from "./gather.ts";

/** How long a worker may take for one answer, in milliseconds. */
const ANSWER_MS = 5000;

/** How many digits the id of a transfer has. */
const TRANSFER_ID_LENGTH = 12;

/** How much of what a client calls itself is shown, in UTF-16 code units. */
const MAX_AGENT = 64;

/** How many that an id may mean are named. */
const MAX_MEANT = 5;

/** What commands can do about sessions and transfers. */
export function sessionCommands(
  supervisor: { asked(port?: number): readonly Asked[] },
  { uploads, removeUploads }: Pick<CommandContext, "uploads" | "removeUploads">,
  instance: string,
): Pick<CommandContext, "sessions" | "kick" | "limitSession" | "transfers" | "cancelTransfer"> {
  async function sessions(port: number | undefined, prefix?: string) {
    let handshaking = 0;
    const { items, silent } = await gather(supervisor.asked(port), async (slot, page) => {
      const asked = prefix === undefined ? page : { ...page, prefix };
      const { sessions, next, ...rest } = await slot.request("sessions", asked, ANSWER_MS);
      if (next === undefined) handshaking += rest.handshaking;
      return { items: sessions.map((one) => ({ slot, status: sessionStatus(one, slot) })), next };
    });
    return { items, handshaking, silent };
  }

  /** The session that an id, or its beginning, means. */
  async function meant(prefix: string) {
    const { items: [first, ...others] } = await sessions(undefined, prefix);
    if (first === undefined) throw new NoSessionError(prefix, instance);
    if (others.length > 0) throw ambiguous(prefix, [first, ...others], sessionInWords);
    return first;
  }

  async function moving(port: number | undefined) {
    return await gather(supervisor.asked(port), async (slot, page) => {
      const { transfers, next } = await slot.request("transfers", page, ANSWER_MS);
      return { items: transfers.map((one) => ({ slot, status: transferStatus(one, slot) })), next };
    });
  }

  /** What waits, besides what is moving. */
  async function waiting(ids: ReadonlySet<string>) {
    const kept = await uploads();
    return kept.filter(({ id, active }) => !active && !ids.has(id.slice(0, TRANSFER_ID_LENGTH)))
      .map((upload) => ({ upload, status: waitingStatus(upload) }));
  }

  async function transfers(port: number | undefined) {
    const { items, silent } = await moving(port);
    items.sort((one, other) => other.status.ageMs - one.status.ageMs);
    const ids = new Set(items.map(({ status: { id } }) => id));
    return { items, kept: port === undefined ? await waiting(ids) : [], silent };
  }

  return {
    async sessions(port) {
      const { items, ...rest } = await sessions(port);
      return { sessions: items.map(({ status }) => status), ...rest };
    },
    async kick(prefix, message) {
      const { slot, status: { id } } = await meant(prefix);
      const params = { session: id, ...(message === undefined ? {} : { message }) };
      const { session, transfers } = await slot.request("kick", params, ANSWER_MS);
      if (session === undefined) throw new NoSessionError(prefix, instance);
      return {
        session: sessionStatus(session, slot),
        transfers: transfers.map((one) => transferStatus(one, slot)),
      };
    },
    async limitSession(prefix, bytesPerSecond) {
      const { slot, status: { id } } = await meant(prefix);
      const params = { session: id, bytesPerSecond };
      const { limited } = await slot.request("limit-session", params, ANSWER_MS);
      if (!limited) throw new NoSessionError(prefix, instance);
      return id;
    },
    async transfers(port) {
      const { items, kept, silent } = await transfers(port);
      return { transfers: [...items, ...kept].map(({ status }) => status), silent };
    },
    async cancelTransfer(prefix, message) {
      const { items, kept } = await transfers(undefined);
      const isMeant = ({ status: { id } }: { status: TransferStatus }) => id.startsWith(prefix);
      const meant = items.filter(isMeant);
      const waits = kept.filter(isMeant);
      const [first, other] = new Set([...meant, ...waits].map(({ status: { id } }) => id));
      if (first === undefined) throw new NoTransferError(prefix, instance);
      if (other !== undefined) throw ambiguous(prefix, [...meant, ...waits], transferInWords);
      const params = { transfer: first, ...(message === undefined ? {} : { message }) };
      const cancelled = await Promise.all(meant.map(async ({ slot, status }) => {
        const answer = await slot.request("cancel", params, ANSWER_MS);
        return answer.cancelled ? status : undefined;
      }));
      const [ended] = cancelled.filter((status) => status !== undefined);
      if (ended !== undefined) return ended;
      const [kept0] = waits;
      if (kept0 === undefined) throw new TransferDoneError(first);
      const [removed] = await removeUploads({ ids: [kept0.upload.id] });
      if (removed === undefined) throw new NoTransferError(prefix, instance);
      return kept0.status;
    },
  };
}

function ambiguous<Status>(
  prefix: string,
  found: readonly { readonly status: Status }[],
  inWords: (status: Status) => string,
): AmbiguousIdError {
  const words = found.slice(0, MAX_MEANT).map(({ status }) => inWords(status));
  return new AmbiguousIdError(
    prefix,
    found.length > MAX_MEANT ? [...words, `and ${found.length - MAX_MEANT} more`] : words,
  );
}

function sessionInWords({ id, peer, port }: SessionStatus): string {
  return `${id} of ${peer} on port ${port}`;
}

function transferInWords({ id, name }: TransferStatus): string {
  return name === null ? id : `${id} of "${name}"`;
}

function sessionStatus(summary: SessionSummary, { port }: Asked): SessionStatus {
  const { id, peer, kind, identity, agent, state, since, idleMs, path } = summary;
  const { requests, requestsTotal, transfers, bytesIn, bytesOut } = summary;
  return {
    ...{ id, port, peer, kind, identity, agent: agent?.slice(0, MAX_AGENT) ?? null, state },
    ...{ ageMs: Math.max(0, Date.now() - since), idleMs, requests, requestsTotal, transfers },
    ...{ bytesIn, bytesOut },
    rttMs: path === undefined ? null : path.rttUs / 1000,
    lossPercent: path === undefined || path.packetsSent === 0
      ? null
      : Math.round(10_000 * path.packetsLost / path.packetsSent) / 100,
    congestionWindow: path?.congestionWindow ?? null,
  };
}

function transferStatus(summary: TransferSummary, { port }: Asked): TransferStatus {
  const { id, direction, name, size, offset, start, rate, since } = summary;
  const { session, peer, identity, agent } = summary;
  const left = size === null ? null : Math.max(0, size - offset);
  return {
    ...{ id, state: "moving", direction, name, size, offset, resumedFrom: start, rate },
    etaMs: left === null || rate === 0 ? null : Math.round(left * 1000 / rate),
    ageMs: Math.max(0, Date.now() - since),
    ...{ port, session, peer, identity, agent: agent?.slice(0, MAX_AGENT) ?? null },
  };
}

function waitingStatus({ id, name, bytes, size, ageMs }: UploadStatus): TransferStatus {
  return {
    ...{ id: id.slice(0, TRANSFER_ID_LENGTH), state: "waiting", direction: "up", name, size },
    ...{ offset: bytes, resumedFrom: 0, rate: 0, etaMs: null, ageMs },
    ...{ port: null, session: null, peer: null, identity: null, agent: null },
  };
}
