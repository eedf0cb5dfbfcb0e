package io.millrace.server.grpc.auth;

/**
 * The content of a token.
 *
 * @param caller the incarnation of the calling node
 * @param callee the incarnation of the called node
 * @param minute the age of the calling process, by its monotonic clock
 */
record TokenClaims(long caller, long callee, long minute) {}
