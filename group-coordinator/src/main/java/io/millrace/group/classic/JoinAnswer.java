package io.millrace.group.classic;

import com.google.protobuf.ByteString;
import java.util.List;

/** The answer to a {@link ClassicJoin}. */
public sealed interface JoinAnswer {

    String memberId();

    /**
     * The member has joined.
     *
     * @param leader the id of the member that assigns
     * @param skipAssignment whether the leader need not assign
     * @param members all members, only for the leader
     */
    record Joined(
            String memberId,
            int generation,
            String protocolType,
            String protocol,
            String leader,
            boolean skipAssignment,
            List<JoinedMember> members)
            implements JoinAnswer {

        public Joined {
            members = List.copyOf(members);
        }
    }

    /** The member has not joined. */
    record Refused(String memberId, ClassicError error) implements JoinAnswer {}

    /** A member with its metadata for the elected protocol. */
    record JoinedMember(String memberId, String instanceId, ByteString metadata) {}
}
