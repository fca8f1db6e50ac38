/*
 * What one client can take of a responder, and for how long, whatever lane it is in. Each responder counts
 * for itself.
 */

/**
 * Connections of one client (an IPv4 address, an IPv6 /64), over both listeners. A gateway's pool has some
 * tens, and a province behind one address some hundreds within the 15 s that idle ones are kept.
 */
export const MOST_CONNECTIONS = 1_024;

/**
 * Connections of all clients together, trusted proxies' included: some 20 KB each, and each a file descriptor. Where
 * the process may open fewer, so many are kept for the store, its files and what else it opens.
 */
export const MOST_OF_ALL = 16_384;
export const KEPT_DESCRIPTORS = 256;

/**
 * Requests of `node:http` that are not answered yet, of all connections together, some 2 KB each. That is two for
 * each connection; who pipelines has as many answers under way only behind one that is slow.
 */
export const MOST_UNANSWERED: number = 2 * MOST_OF_ALL;

/** A TLS handshake takes three packets; who needs longer holds a half-made connection. */
export const HANDSHAKE_SECONDS = 10;

/** Without a request and without an answer under way; told to clients. CryptoAPI and Java reuse a connection within seconds or not at all. */
export const IDLE_SECONDS = 15;

/** From the first octet of a head to its last, and from there to the end of its body: some hundred octets. */
export const REQUEST_SECONDS = 10;

/** A head, all fields together: a hundred times what OCSP clients send, and room for cookies of a browser. */
export const LARGEST_HEAD: number = 16 * 1024;

/** A larger body is no OCSP request that anybody sends. */
export const LARGEST_BODY = 10_000;

/** An answer that is made, of a few thousand octets, and that the client does not take for so long, is dropped with its connection or stream. */
export const STALL_SECONDS = 30;

/** HTTP/2 streams that are open at once in a session: what RFC 9113 6.5.2 recommends at least. */
export const MOST_STREAMS = 100;

/**
 * Open streams of all sessions together, some 5 KB each, and as much again for what came with it: one client could
 * have 100 in each of 1,024 sessions. Almost all are answered at once, and are not open when the next one begins.
 */
export const MOST_OPEN_STREAMS = 16_384;

/** Streams of a session that its client may reset at once, and then each second (CVE-2023-44487): a page that is left early resets a few. */
export const RESETS_AT_ONCE = 1_000;
export const RESETS_A_SECOND = 100;

/** How long what is left of a refused body is read and dropped, so that the client gets the refusal. */
export const LINGER_SECONDS = 2;
