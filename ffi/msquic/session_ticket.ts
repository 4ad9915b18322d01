import { ConnectionEvent, failed, SendResumptionFlags } from "./abi/mod.ts";
import { MsQuicError } from "./errors.ts";
import type { EventView } from "./event_view.ts";
import type { Handle } from "./handle.ts";
import type { CertificateCheck } from "./peer_certificate.ts";

/** What a client resumes a session with (RFC 8446 section 2.2). */
export interface SessionTicket {
  /** As MsQuic made it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The server's certificate (DER), as it was seen in the handshake that the session comes from. */
  readonly certificate: Uint8Array<ArrayBuffer>;
}

/** Where a client keeps its tickets. */
export interface TicketStore {
  /** A ticket for a server of this name. */
  find(serverName: string): SessionTicket | undefined;
  keep(serverName: string, ticket: SessionTicket): void;
}

/** What one connection has to do with tickets. */
export interface Resumption {
  /** Before the connection starts. */
  begin(connection: Handle): void;
  /** The server has shown its certificate: it does so where no session is resumed. */
  saw(certificate: Uint8Array<ArrayBuffer>): void;
  /** The server has sent a ticket. */
  received(event: EventView): void;
}

/**
 * Gives the client of a connection a ticket with which it can resume the session on another one. Where MsQuic
 * does not, that one has a whole handshake: nothing to end this one for.
 */
export function sendTicket({ pointer, runtime: { api, loop } }: Handle): void {
  const status = api.ConnectionSendResumptionTicket(pointer, SendResumptionFlags.FINAL, 0, null);
  if (!failed(status)) loop.flush();
}

/**
 * A server that resumes a session shows no certificate. It is trusted for the one that it has shown before,
 * which is looked at anew: who is not to be trusted any more is not, and has to show another one.
 */
export function resumption(
  tickets: TicketStore,
  serverName: string,
  check: CertificateCheck,
): Resumption {
  let certificate: Uint8Array<ArrayBuffer> | undefined;
  return {
    begin(connection) {
      const ticket = tickets.find(serverName);
      if (ticket === undefined || check(ticket.certificate) !== undefined) return;
      try {
        connection.setParam("CONN_RESUMPTION_TICKET", ticket.bytes);
        certificate = ticket.certificate;
      } catch (error) {
        // Of another build of MsQuic, perhaps: then there is a whole handshake.
        if (!(error instanceof MsQuicError)) throw error;
      }
    },
    saw(seen) {
      certificate = seen;
    },
    received(event) {
      const { ResumptionTicket, ResumptionTicketLength } =
        ConnectionEvent.RESUMPTION_TICKET_RECEIVED;
      const pointer = event.getPointer(ResumptionTicket);
      if (pointer === null || certificate === undefined) return;
      const bytes = new Uint8Array(event.getUint32(ResumptionTicketLength));
      new Deno.UnsafePointerView(pointer).copyInto(bytes);
      tickets.keep(serverName, { bytes, certificate });
    },
  };
}
