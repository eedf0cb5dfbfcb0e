package io.millrace.metadata.membership;

/** A network address at which a node is reached. */
public record NodeAddress(String host, int port) {}
