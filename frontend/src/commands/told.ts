// Requests whose refusals are told as toasts, and files that are replaced only after a question.
import { ApiError } from '../api/client';
import { trouble } from '../state/toasts';
import { ask } from '../state/view';

/** Runs a request and tells a refusal as a toast; null when it was refused. */
export async function told<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    trouble(error.problem);
    return null;
  }
}

/** Writes a file; where one is there, only after asking. Null when it was refused. */
export async function writeFile<T>(write: (overwrite: boolean) => Promise<T>, overwrite = false): Promise<T | null> {
  try {
    return await write(overwrite);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'exists' || overwrite) {
      trouble(error.problem);
      return null;
    }
    const choice = await ask({ title: 'Replace the file?', text: error.message, yes: 'Replace it', danger: true });
    return choice === 'yes' ? writeFile(write, true) : null;
  }
}
