// @ts-check

/** What nobody is to store here, by the end of its name. */
const PROGRAMS = [".exe", ".bat", ".msi"];

/**
 * Puts what is uploaded into a folder for each day, and refuses programs.
 *
 * @param {import("@msquicd/msquicd").HandlerToolkit} toolkit
 */
export default ({ defineHooks, ProtocolError }) => [
  defineHooks({
    name: "example.dated",
    onUploadStart({ name }) {
      if (PROGRAMS.some((end) => name.toLowerCase().endsWith(end))) {
        throw new ProtocolError("refused", "Programs are not stored here");
      }
      return { name: `${new Date().toISOString().slice(0, 10)}/${name}` };
    },
    onDelete({ mtime }, { session }) {
      // Whoever has the owner's token may tidy up; others have an hour to change their minds.
      if (session.identity.kind === "owner" || Date.now() - mtime < 3_600_000) return;
      throw new ProtocolError("refused", "It was uploaded too long ago to be removed");
    },
  }),
];
