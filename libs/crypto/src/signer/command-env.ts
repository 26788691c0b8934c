// What an external command gets of our environment. Knows no command.

/** PATH and HOME: enough to find its programs and its own configuration. What else stands there, credentials among it, is not its business. */
export const commandEnv = (
  env: Readonly<Record<string, string | undefined>> = process.env,
): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ['PATH', 'HOME'].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const])),
  );
