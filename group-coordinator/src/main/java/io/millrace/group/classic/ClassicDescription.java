package io.millrace.group.classic;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * A classic group as its coordinator sees it.
 *
 * @param protocolType empty if there never were members
 * @param protocol the elected protocol; empty unless the group is stable
 */
public record ClassicDescription(
        ClassicState state, String protocolType, String protocol, List<Member> members) {

    /**
     * A member of the group.
     *
     * @param metadata for the elected protocol; empty unless the group is stable
     * @param assignment the last one, also while members join another rebalance
     */
    public record Member(
            String memberId,
            String instanceId,
            String clientId,
            String host,
            ByteString metadata,
            ByteString assignment) {}

    public ClassicDescription {
        members = List.copyOf(members);
    }
}
