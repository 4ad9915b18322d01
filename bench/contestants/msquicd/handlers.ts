import type { MessageHandler } from "../../../handlers/messages/mod.ts";
import {
  badField,
  type Fields,
  fieldsOf,
  FIRST_CUSTOM_TYPE,
  sizeField,
} from "../../../protocol/mod.ts";
import { PAYLOAD, sendFromMemory } from "../payload.ts";

/** Message types of the benchmarks. */
export const BenchType = {
  request: FIRST_CUSTOM_TYPE,
  upload: FIRST_CUSTOM_TYPE + 1,
  download: FIRST_CUSTOM_TYPE + 2,
  messages: FIRST_CUSTOM_TYPE + 3,
} as const;

/** The limit program has its answer ready as well. */
const ANSWER = { data: new Uint8Array(PAYLOAD.answer) };

/** Handlers of the jobs that are done in memory, registered as anyone's own are. */
export const BENCH_HANDLERS: readonly MessageHandler[] = [
  {
    type: BenchType.request,
    name: "bench.request",
    answer(body) {
      dataField(fieldsOf(body));
      return ANSWER;
    },
    async handle(exchange) {
      dataField(fieldsOf(exchange.body));
      await exchange.reply(ANSWER);
    },
  },
  {
    type: BenchType.upload,
    name: "bench.upload",
    async handle(exchange) {
      let bytes = 0;
      if (exchange.data) { for await (const chunk of exchange.data.rest()) bytes += chunk.length; }
      await exchange.reply({ bytes });
    },
  },
  {
    type: BenchType.download,
    name: "bench.download",
    async handle(exchange) {
      const fields = fieldsOf(exchange.body);
      const blocks = fields.blocks === undefined ? undefined : sizeField(fields, "blocks");
      await sendFromMemory(exchange.replyWithData({}), sizeField(fields, "bytes"), blocks);
    },
  },
  {
    type: BenchType.messages,
    name: "bench.messages",
    async handle(exchange) {
      const sink = exchange.replyWithData({});
      if (!exchange.data) return;
      let bytes = 0;
      for await (const chunk of exchange.data.rest()) {
        bytes += chunk.length;
        // Each is answered by itself, as it comes: what fails shows when the stream is read on.
        for (; bytes >= MESSAGE.length; bytes -= MESSAGE.length) void sink.send(MESSAGE);
      }
    },
  },
];

const MESSAGE = new Uint8Array(PAYLOAD.message);

/** The payload of a request or of its answer. */
export function dataField(fields: Fields): Uint8Array {
  const data = fields.data;
  if (data instanceof Uint8Array) return data;
  throw badField("data", "bytes", data);
}
