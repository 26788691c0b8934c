// Owns where an error was thrown, as a log may tell it. Never the error's message: that may hold values from outside.

/** The first frame of the stack, behind the message; undefined where there is none. */
export const thrownAt = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined;
  const message = String(error.message);
  const start = error.stack.indexOf(message);
  const frames = start < 0 ? error.stack : error.stack.slice(start + message.length);
  return /^\s+at .*$/m.exec(frames)?.[0].trim();
};
