// Who may ask: the holder of the token, from this machine's own address or a name it goes by. It reads no query.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiRefusal } from './answer.js';

/** `open` answers whoever reaches the port; only on a loopback address. */
export type Access = { readonly kind: 'token'; readonly token: string } | { readonly kind: 'open' };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/;

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const holdsToken = (request: IncomingMessage, token: string): boolean => {
  const [, given] = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(request.headers.authorization ?? '') ?? [];
  return given !== undefined && timingSafeEqual(sha256(given), sha256(token));
};

/**
 * Throws `ApiRefusal` 401 without the token (compared in constant time); 403 where nobody needs one and the request does not
 * name a loopback address, so that no page elsewhere can ask through a visitor's browser.
 */
export const checkAccess = (request: IncomingMessage, access: Access): void => {
  if (access.kind === 'token') {
    if (!holdsToken(request, access.token)) throw new ApiRefusal(401, 'a bearer token is needed');
    return;
  }
  if (!LOOPBACK.test(request.headers.host ?? '')) throw new ApiRefusal(403, 'ask by a loopback address');
};
