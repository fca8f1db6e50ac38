import { Socket, type SocketConstructorOpts } from "node:net";

/** As much as node:net reads at once. */
const LARGEST_READ = 64 * 1024;

/** What all such sockets read into, one after the other. */
const shared = Buffer.allocUnsafeSlow(LARGEST_READ);

/** Of a socket that a server has accepted: node:net keeps these for itself, as it did in every version. */
interface Accepted {
  _handle: { readonly reading?: boolean } | null;
  _server: unknown;
  server: unknown;
}

/**
 * A socket in the place of `accepted`, which a server with `pauseOnConnect` has just taken, that reads into
 * one buffer for all connections: for each read node:net makes 64 KiB, cuts them down and leaves them to the
 * garbage collector, which is an eighth of what a short request costs (`npm run bench`, bare-direct against bare-net). node:net has
 * `onread` for that, but only for sockets that connect, so the handle is handed on to one.
 *
 * Its `data` events give views of the shared buffer, good until the listener returns: copy what must last.
 * Where node:net is not made as it was, the answer is `accepted` itself, which works as well.
 */
export function directSocket(accepted: Socket): Socket {
  const { _handle: handle, _server, server } = accepted as unknown as Accepted;
  if (typeof handle?.reading !== "boolean") {
    accepted.resume();
    return accepted;
  }
  (accepted as unknown as Accepted)._handle = null;
  (accepted as unknown as Accepted)._server = null;
  const onread = { buffer: shared, callback: give };
  const direct = new Socket({ handle, onread } as unknown as SocketConstructorOpts);
  // The server counts its connections by the sockets that say so when they close.
  Object.assign(direct, { _server, server });
  function give(length: number): boolean {
    direct.emit("data", shared.subarray(0, length));
    return true;
  }
  return direct;
}
