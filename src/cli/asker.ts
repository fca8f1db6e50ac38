import { userInfo } from "node:os";

/** The account that asks, as the journal names it; under sudo also the one behind it. */
export function asker(env: NodeJS.ProcessEnv): string {
  const name = accountName();
  const { SUDO_USER: behind } = env;
  return behind && behind !== name ? `${name} (sudo from ${behind})` : name;
}

/** A container may run under a number that no account has. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
