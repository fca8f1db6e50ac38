/*
 * What one client can take of a responder, whatever lane it is in. Each responder counts for itself.
 */

/**
 * Connections of one client (an IPv4 address, an IPv6 /64), over both listeners. A gateway's pool has some
 * tens, and a province behind one address some hundreds within the 15 s that idle ones are kept; an idle
 * connection costs about 10 KB, over TLS about 40 KB.
 */
export const MOST_CONNECTIONS = 1_024;

/** A TLS handshake takes three packets; who needs longer holds a half-made connection. */
export const HANDSHAKE_SECONDS = 10;
