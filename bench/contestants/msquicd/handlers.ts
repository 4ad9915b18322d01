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
    right: "use",
    atOnce: true,
    handle({ body }) {
      dataField(fieldsOf(body));
      return ANSWER;
    },
  },
  {
    type: BenchType.upload,
    name: "bench.upload",
    right: "use",
    async handle({ data }) {
      let bytes = 0;
      if (data) { for await (const chunk of data.rest()) bytes += chunk.length; }
      return { bytes };
    },
  },
  {
    type: BenchType.download,
    name: "bench.download",
    right: "use",
    async handle(context) {
      const fields = fieldsOf(context.body);
      const blocks = fields.blocks === undefined ? undefined : sizeField(fields, "blocks");
      const answer = context.replyWithData({});
      await sendFromMemory(answer, sizeField(fields, "bytes"), blocks);
      return answer;
    },
  },
  {
    type: BenchType.messages,
    name: "bench.messages",
    right: "use",
    async handle(context) {
      const sink = context.replyWithData({});
      if (!context.data) return sink;
      let bytes = 0;
      for await (const chunk of context.data.rest()) {
        bytes += chunk.length;
        // Each is answered by itself, as it comes: what fails shows when the stream is read on.
        for (; bytes >= MESSAGE.length; bytes -= MESSAGE.length) void sink.send(MESSAGE);
      }
      return sink;
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
