package io.millrace.group.classic;

import com.google.protobuf.ByteString;

/** The answer to a {@link ClassicSync}. */
public sealed interface SyncAnswer {

    /** The assignment of the member. */
    record Assigned(String protocolType, String protocol, ByteString assignment)
            implements SyncAnswer {}

    /** The member has no assignment. */
    record Refused(ClassicError error) implements SyncAnswer {}
}
