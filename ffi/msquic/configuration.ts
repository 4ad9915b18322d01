import type { CongestionControl } from "../../base/mod.ts";
import {
  Buffer as BufferLayout,
  CertificateFile,
  CredentialConfig,
  CredentialFlags,
  CredentialType,
  failed,
  TicketKeyConfig,
} from "./abi/mod.ts";
import type { ClientTrust, Credential } from "./credential.ts";
import { credentialError } from "./credential_error.ts";
import { Handle } from "./handle.ts";
import { allocStruct, NativeScope } from "./native_memory.ts";
import type { Registration } from "./registration.ts";
import { encodeSettings, type Settings } from "./settings.ts";
import type { WindowGrowth } from "./stream_windows.ts";

/** Name and secret of a key for tickets, in bytes; MsQuic takes a secret of up to 64, and uses 32. */
export const TICKET_KEY_LENGTH = 48;
const TICKET_KEY_NAME_LENGTH = 16;

/** Options of {@linkcode Configuration}. */
export interface ConfigurationOptions {
  /** The protocols spoken, in order of preference (RFC 7301). */
  alpn: readonly string[];
  settings?: Settings;
  credential: Credential;
  /**
   * By what the receive windows of streams grow, where not by `streamRecvWindowLimit` alone; of streams
   * that the peer opens.
   */
  windowGrowth?: WindowGrowth;
}

/** Settings and credentials of connections; shared by any number of them. */
export class Configuration implements Disposable {
  readonly #registration: Registration;
  readonly #handle: Handle;
  /** For this folder alone. */
  readonly credential: Credential;

  /** For this folder alone: 0 for none. */
  readonly keepAliveIntervalMs: number;

  /** For this folder alone. */
  readonly disconnectTimeoutMs: number | undefined;

  /** For this folder alone: whether each client gets a ticket; until then MsQuic keeps what TLS needs for it. */
  readonly sendsTickets: boolean;

  /** For this folder alone. */
  readonly streamRecvWindowLimit: number | undefined;

  /** For this folder alone. */
  readonly windowGrowth: WindowGrowth | undefined;

  /** For this folder alone. */
  readonly congestionControl: CongestionControl | undefined;

  /**
   * @throws {MsQuicError} If a setting is out of range.
   * @throws {CredentialError} If a certificate, its key or the authorities cannot be loaded.
   */
  constructor(registration: Registration, options: ConfigurationOptions) {
    this.#registration = registration;
    this.credential = options.credential;
    this.keepAliveIntervalMs = options.settings?.keepAliveIntervalMs ?? 0;
    this.disconnectTimeoutMs = options.settings?.disconnectTimeoutMs;
    this.sendsTickets = options.settings?.resumption === true;
    this.streamRecvWindowLimit = options.settings?.streamRecvWindowLimit;
    this.windowGrowth = options.windowGrowth;
    this.congestionControl = options.settings?.congestionControl;
    this.#handle = new Handle(registration.runtime, "configuration");
    this.#open(options);
    using acquired = new DisposableStack();
    acquired.defer(() => this.#handle.close());
    loadCredential(this.#handle, options.credential);
    acquired.move();
    registration.adoptConfiguration(this);
  }

  /**
   * Sets the key that the tickets of clients are made with, for those that connect from now on; takes
   * the place of the one before, whose tickets are of no use any more. Servers with the same key, and
   * certificate, take each other's tickets. Needs the setting `resumption`, with which a server has a key of
   * its own until then.
   *
   * @param key 48 bytes: its name, which tickets show to everybody, and what nobody else knows.
   * @throws {MsQuicError} MsQuic cannot do that.
   */
  setTicketKey(key: Uint8Array): void {
    if (key.length !== TICKET_KEY_LENGTH) {
      throw new TypeError(`Cannot use a ticket key of ${key.length} bytes: it has 48`);
    }
    const config = new Uint8Array(TicketKeyConfig.size);
    config.set(key.subarray(0, TICKET_KEY_NAME_LENGTH), TicketKeyConfig.Id);
    config.set(key.subarray(TICKET_KEY_NAME_LENGTH), TicketKeyConfig.Material);
    config[TicketKeyConfig.MaterialLength] = TICKET_KEY_LENGTH - TICKET_KEY_NAME_LENGTH;
    this.#handle.setParam("CONFIGURATION_TICKET_KEYS", config);
  }

  /** For this folder alone. */
  get handle(): Handle {
    return this.#handle;
  }

  /** Closes it. Connections that have it keep what it says: MsQuic counts them. */
  [Symbol.dispose](): void {
    this.#handle.close();
    this.#registration.releaseConfiguration(this);
  }

  #open(options: ConfigurationOptions): void {
    using scope = new NativeScope();
    const alpn = encodeAlpn(scope, options.alpn);
    const settings = encodeSettings(options.settings ?? {});
    const { handle: registration, runtime: { api } } = this.#registration;
    this.#handle.acquire(
      "ConfigurationOpen",
      (_callback, _context, out) =>
        api.ConfigurationOpen(
          registration,
          alpn,
          options.alpn.length,
          settings,
          settings.byteLength,
          0n,
          out,
        ),
    );
  }
}

function loadCredential({ runtime, pointer }: Handle, credential: Credential): void {
  using scope = new NativeScope();
  const config = encodeCredential(scope, credential);
  const status = runtime.api.ConfigurationLoadCredential(pointer, config);
  if (failed(status)) throw credentialError(credential, status);
}

/** An array of `QUIC_BUFFER`s with the names of protocols. */
export function encodeAlpn(scope: NativeScope, names: readonly string[]): DataView<ArrayBuffer> {
  const buffers = allocStruct(BufferLayout.size * names.length);
  names.forEach((name, i) => {
    const bytes = new TextEncoder().encode(name);
    const offset = i * BufferLayout.size;
    buffers.setUint32(offset + BufferLayout.Length, bytes.length, true);
    buffers.setBigUint64(offset + BufferLayout.Buffer, scope.address(bytes), true);
  });
  return buffers;
}

function encodeCredential(scope: NativeScope, credential: Credential): DataView<ArrayBuffer> {
  const config = allocStruct(CredentialConfig.size);
  const own = credential.role === "server" ? credential : credential.own;
  if (own !== undefined) {
    const files = allocStruct(CertificateFile.size);
    const { certificateFile, privateKeyFile } = own;
    files.setBigUint64(CertificateFile.CertificateFile, scope.cString(certificateFile), true);
    files.setBigUint64(CertificateFile.PrivateKeyFile, scope.cString(privateKeyFile), true);
    config.setUint32(CredentialConfig.Type, CredentialType.CERTIFICATE_FILE, true);
    config.setBigUint64(CredentialConfig.CertificateFile, scope.address(files), true);
  } else config.setUint32(CredentialConfig.Type, CredentialType.NONE, true);
  if (credential.role === "server") {
    const { clientCaFile } = credential;
    if (clientCaFile === undefined) return config;
    config.setUint32(CredentialConfig.Flags, CLIENT_CA_FLAGS, true);
    config.setBigUint64(CredentialConfig.CaCertificateFile, scope.cString(clientCaFile), true);
    return config;
  }
  if ("caFile" in credential) {
    config.setUint32(CredentialConfig.Flags, CA_FILE_FLAGS, true);
    config.setBigUint64(CredentialConfig.CaCertificateFile, scope.cString(credential.caFile), true);
    return config;
  }
  config.setUint32(CredentialConfig.Flags, trustFlags(credential), true);
  return config;
}

/** Whoever says nothing clear does not trust everybody. */
function trustFlags(
  credential: Exclude<ClientTrust, { caFile: string }>,
): number {
  if ("fingerprint" in credential && credential.fingerprint) return FINGERPRINT_FLAGS;
  if ("insecure" in credential && credential.insecure === true) return INSECURE_FLAGS;
  throw new TypeError("Cannot tell which server to trust");
}

/** Hands the client the certificate, as DER, to check it itself. */
const INDICATE_FLAGS = CredentialFlags.CLIENT | CredentialFlags.INDICATE_CERTIFICATE_RECEIVED |
  CredentialFlags.USE_PORTABLE_CERTIFICATES;

/**
 * Asks clients for a certificate, checks what comes, and hands it over with what came of that: without
 * deferring, MsQuic would let nobody in who has none.
 */
const CLIENT_CA_FLAGS = CredentialFlags.REQUIRE_CLIENT_AUTHENTICATION |
  CredentialFlags.DEFER_CERTIFICATE_VALIDATION | CredentialFlags.INDICATE_CERTIFICATE_RECEIVED |
  CredentialFlags.USE_PORTABLE_CERTIFICATES | CredentialFlags.SET_CA_CERTIFICATE_FILE |
  CredentialFlags.USE_TLS_BUILTIN_CERTIFICATE_VALIDATION;

const CA_FILE_FLAGS = INDICATE_FLAGS | CredentialFlags.SET_CA_CERTIFICATE_FILE |
  CredentialFlags.USE_TLS_BUILTIN_CERTIFICATE_VALIDATION;

const FINGERPRINT_FLAGS = INDICATE_FLAGS | CredentialFlags.DEFER_CERTIFICATE_VALIDATION;

const INSECURE_FLAGS = CredentialFlags.CLIENT | CredentialFlags.NO_CERTIFICATE_VALIDATION;
