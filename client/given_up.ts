import { StreamAbortedError } from "../ffi/mod.ts";
import { ApplicationError, ProtocolError } from "../protocol/mod.ts";

/** Says what it means that the server gives up sending a file of its own. */
export async function sayingGivenUp<Result>(
  name: string,
  fetching: Promise<Result>,
): Promise<Result> {
  try {
    return await fetching;
  } catch (error) {
    if (!(error instanceof StreamAbortedError)) throw error;
    if (error.errorCode !== ApplicationError.abandoned) throw error;
    throw new ProtocolError(
      "cannot-resume",
      `Cannot fetch "${name}": it was changed on the server meanwhile, or cannot be read there; fetch it again`,
      { cause: error },
    );
  }
}
