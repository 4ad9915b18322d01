import { ConnectionEvent, DatagramSendState, failed, SendFlags } from "./abi/mod.ts";
import type { EventView } from "./event_view.ts";
import type { Handle } from "./handle.ts";
import { copyBuffers, lengthOfBuffers } from "./quic_buffers.ts";

/** How many datagrams of one connection may be on their way; more are not sent. */
const MAX_UNDER_WAY = 1024;

/** The datagrams of a connection (RFC 9221): each arrives as a whole, once, or not at all, in any order. */
export class Datagrams {
  readonly #handle: Handle;
  #maxLength = 0;
  #underWay = 0;
  readonly #sent = {
    resolve: () => void this.#underWay--,
    reject: () => void this.#underWay--,
  };

  /** @param handle Of the connection. */
  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /** How long one may be that is sent now, in bytes; 0 where the peer takes none. */
  get maxLength(): number {
    return this.#maxLength;
  }

  /**
   * Sends one, whose bytes must not change any more.
   *
   * @returns Whether it is on its way; else it is too long for the path, or too many are.
   */
  send(bytes: Uint8Array): boolean {
    if (bytes.length > this.#maxLength || this.#underWay >= MAX_UNDER_WAY) return false;
    const { api, sends, loop } = this.#handle.runtime;
    this.#underWay++;
    const slot = sends.take(bytes, this.#sent);
    const { pointer } = this.#handle;
    const status = api.DatagramSend(pointer, sends.pointer(slot), 1, SendFlags.NONE, BigInt(slot));
    if (failed(status)) {
      sends.release(slot);
      return false;
    }
    loop.flush();
    return true;
  }

  /** For DATAGRAM_STATE_CHANGED. */
  changed(event: EventView): void {
    const { SendEnabled, MaxSendLength } = ConnectionEvent.DATAGRAM_STATE_CHANGED;
    this.#maxLength = event.getUint8(SendEnabled) === 0 ? 0 : event.getUint16(MaxSendLength);
  }

  /** For DATAGRAM_RECEIVED. @returns The bytes, as memory of this side. */
  received(event: EventView): Uint8Array<ArrayBuffer> {
    const buffer = event.getBigUint64(ConnectionEvent.DATAGRAM_RECEIVED.Buffer);
    const length = buffer === 0n ? 0 : lengthOfBuffers(buffer, 1);
    const bytes = this.#handle.runtime.received.take(length);
    if (length > 0) copyBuffers(buffer, 1, bytes);
    return bytes;
  }

  /** For DATAGRAM_SEND_STATE_CHANGED. MsQuic names the send until its state is a last one. */
  sendChanged(event: EventView): void {
    const { ClientContext, State } = ConnectionEvent.DATAGRAM_SEND_STATE_CHANGED;
    if (event.getUint32(State) < DatagramSendState.LOST_DISCARDED) return;
    this.#handle.runtime.sends.release(event.getUint32(ClientContext));
  }
}
