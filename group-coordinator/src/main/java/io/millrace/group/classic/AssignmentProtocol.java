package io.millrace.group.classic;

import com.google.protobuf.ByteString;

/**
 * An assignment protocol that a member supports.
 *
 * @param metadata for the leader, opaque to nodes
 */
public record AssignmentProtocol(String name, ByteString metadata) {}
