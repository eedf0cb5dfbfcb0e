package io.millrace.protocol.scram;

/**
 * A SCRAM credential without its secrets.
 *
 * @param iterations the number of iterations of the password's hash
 */
public record ScramSummary(ScramName name, int iterations) {}
