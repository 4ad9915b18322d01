import * as abi from "../../../ffi/msquic/abi/mod.ts";
import type { BitField } from "../../../ffi/msquic/abi/mod.ts";
import type { BitCheck, ValueCheck } from "./check.ts";
import * as types from "./field_types.ts";
import { type FieldType, TYPE_SIZES } from "./field_types.ts";

type Offsets = { readonly [name: string]: number | BitField | Offsets };
type Types = { readonly [name: string]: FieldType | Types };

interface StructTable {
  readonly struct: string;
  readonly table: Offsets & { readonly size: number };
  readonly types: Types;
  /** Where a field of ours has another name in C. */
  readonly paths?: Readonly<Record<string, string>>;
}

const ADDR_PATHS = {
  Family: "Ipv4.sin_family",
  Port: "Ipv4.sin_port",
  Ipv4: "Ipv4.sin_addr",
  FlowInfo: "Ipv6.sin6_flowinfo",
  Ipv6: "Ipv6.sin6_addr",
  ScopeId: "Ipv6.sin6_scope_id",
} as const satisfies Record<Exclude<keyof typeof abi.Addr, "size">, string>;

const TABLES: readonly StructTable[] = [
  { struct: "QUIC_BUFFER", table: abi.Buffer, types: types.buffer },
  {
    struct: "QUIC_REGISTRATION_CONFIG",
    table: abi.RegistrationConfig,
    types: types.registrationConfig,
  },
  { struct: "QUIC_EXECUTION_CONFIG", table: abi.ExecutionConfig, types: types.executionConfig },
  { struct: "QUIC_CREDENTIAL_CONFIG", table: abi.CredentialConfig, types: types.credentialConfig },
  { struct: "QUIC_CERTIFICATE_FILE", table: abi.CertificateFile, types: types.certificateFile },
  { struct: "QUIC_TICKET_KEY_CONFIG", table: abi.TicketKeyConfig, types: types.ticketKeyConfig },
  {
    struct: "QUIC_NEW_CONNECTION_INFO",
    table: abi.NewConnectionInfo,
    types: types.newConnectionInfo,
  },
  { struct: "QUIC_ADDR", table: abi.Addr, types: types.addr, paths: ADDR_PATHS },
  { struct: "QUIC_STATISTICS_V2", table: abi.StatisticsV2, types: types.statisticsV2 },
  {
    struct: "QUIC_STREAM_STATISTICS",
    table: abi.StreamStatistics,
    types: types.streamStatistics,
  },
  { struct: "QUIC_SETTINGS", table: abi.Settings, types: types.settings },
  { struct: "QUIC_LISTENER_EVENT", table: abi.ListenerEvent, types: types.listenerEvent },
  { struct: "QUIC_CONNECTION_EVENT", table: abi.ConnectionEvent, types: types.connectionEvent },
  { struct: "QUIC_STREAM_EVENT", table: abi.StreamEvent, types: types.streamEvent },
];

/** Size, offsets and field sizes of every struct. */
export function structChecks(): ValueCheck[] {
  return TABLES.flatMap(({ struct, table, types, paths }) => {
    const { size, ...fields } = table;
    const sizeCheck = { label: `size of ${struct}`, expression: `sizeof(${struct})` };
    return [
      { ...sizeCheck, expected: size },
      ...fieldChecks(struct, fields, types, paths ?? {}),
    ];
  });
}

function fieldChecks(
  struct: string,
  fields: Offsets,
  types: Types,
  paths: Readonly<Record<string, string>>,
  prefix = "",
): ValueCheck[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (isBitField(field)) return [];
    const type = types[name];
    if (typeof field === "object" && typeof type === "object") {
      return fieldChecks(struct, field, type, paths, `${prefix}${name}.`);
    }
    const path = `${prefix}${paths[name] ?? name}`;
    return [
      {
        label: `offset of ${struct}.${path}`,
        expression: `offsetof(${struct}, ${path})`,
        expected: field as number,
      },
      {
        label: `size of ${struct}.${path}`,
        expression: `sizeof(((${struct}*)0)->${path})`,
        expected: TYPE_SIZES[type as FieldType],
      },
    ];
  });
}

/** Every bit-field, and every bit of `QUIC_SETTINGS.IsSetFlags`. */
export function bitChecks(): BitCheck[] {
  const inEvents = TABLES.flatMap(({ struct, table }) => bitFieldChecks(struct, table));
  const inSettings = bitFieldChecks("QUIC_SETTINGS", abi.SettingsBits);
  const isSet = Object.entries(abi.SettingsIsSet).map(([name, bit]) => ({
    label: `QUIC_SETTINGS.IsSet.${name}`,
    struct: "QUIC_SETTINGS",
    member: `IsSet.${name}`,
    byte: abi.Settings.IsSetFlags + (bit >> 3),
    mask: 1 << (bit & 7),
  }));
  return [...inEvents, ...inSettings, ...isSet];
}

function bitFieldChecks(struct: string, fields: Offsets, prefix = ""): BitCheck[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (typeof field === "number") return [];
    const member = `${prefix}${name}`;
    return isBitField(field)
      ? [{ label: `${struct}.${member}`, struct, member, ...field }]
      : bitFieldChecks(struct, field, `${member}.`);
  });
}

function isBitField(field: number | BitField | Offsets): field is BitField {
  return typeof field === "object" && "mask" in field;
}
