package io.millrace.group.classic;

import io.millrace.metadata.group.GroupLimits;
import java.nio.charset.StandardCharsets;

/** The limits of classic members, which derive from those of the log. Pure. */
final class ClassicLimits {

    /** The size of the other details of a member, and of the frame of each protocol. */
    private static final int FRAME_BYTES = 64;

    private ClassicLimits() {}

    /** Returns whether the details of a member fit into the log. */
    static boolean fit(ClassicJoin request) {
        if (!request.instanceId().isEmpty() && !GroupLimits.isLegalId(request.instanceId())) {
            return false;
        }
        long bytes =
                FRAME_BYTES
                        + bytes(request.clientId())
                        + bytes(request.host())
                        + bytes(request.protocolType());
        for (AssignmentProtocol way : request.protocols()) {
            bytes += FRAME_BYTES + bytes(way.name()) + way.metadata().size();
        }
        return bytes <= GroupLimits.MAX_DETAILS_BYTES;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Returns the id of a new member: its instance or client id, shortened if necessary, and a
     * unique text.
     */
    static String memberId(ClassicJoin request, String unique) {
        String name = request.instanceId().isEmpty() ? request.clientId() : request.instanceId();
        int end = name.length();
        while (bytes(name.substring(0, end)) + 1 + unique.length() > GroupLimits.MAX_ID_BYTES) {
            end = name.offsetByCodePoints(end, -1);
        }
        return name.substring(0, end) + "-" + unique;
    }
}
